/** A table of rules keyed by path (`services.*.build.args`), compiled into a tree that is walked along with the values. */
export interface RuleNode<T> {
  readonly rule: T | undefined;
  readonly children: ReadonlyMap<string, RuleNode<T>>;
  readonly any: RuleNode<T> | undefined;
}

interface Building<T> {
  rule: T | undefined;
  children: Map<string, Building<T>>;
  any: Building<T> | undefined;
}

export function compileRules<T>(table: Readonly<Record<string, T>>): RuleNode<T> {
  const root: Building<T> = { rule: undefined, children: new Map(), any: undefined };
  for (const [path, rule] of Object.entries(table)) {
    let node = root;
    for (const key of path.split('.')) node = childToBuild(node, key);
    node.rule = rule;
  }
  return root;
}

function childToBuild<T>(node: Building<T>, key: string): Building<T> {
  if (key === '*') return (node.any ??= { rule: undefined, children: new Map(), any: undefined });
  const known = node.children.get(key);
  if (known !== undefined) return known;
  const child: Building<T> = { rule: undefined, children: new Map(), any: undefined };
  node.children.set(key, child);
  return child;
}

export function ruleChild<T>(node: RuleNode<T> | undefined, key: string | number): RuleNode<T> | undefined {
  if (node === undefined) return undefined;
  return (typeof key === 'string' ? node.children.get(key) : undefined) ?? node.any;
}
