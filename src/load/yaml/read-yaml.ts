import { Composer, Parser, isAlias, isPair, isScalar, isSeq, type Document, type Pair, type ParsedNode, type Scalar } from 'yaml';
import { formatScalar } from '../format-scalar.ts';
import type { Problems } from '../problems.ts';
import type { Source } from '../source.ts';
import { formatPath, isMapping, newMapping, originOf, push, put, type Mapping, type Origin, type Path, type Value } from '../tree.ts';
import { checkNesting } from './check-nesting.ts';
import type { YamlDocument } from './yaml-document.ts';
import { resolveFloat, resolveInteger, resolvePlainScalar } from './resolve-scalar.ts';

/** Aliases may repeat what a file says, but not blow it up. */
const MAX_VALUES = 2_000_000;
const MAX_ALIAS_FACTOR = 50;

/** Reads any YAML with the library; every error has its position. */
export function readYaml(source: Source, problems: Problems): YamlDocument[] {
  const tokens = [...new Parser().parse(source.text)];
  if (!checkNesting(tokens, source, problems)) return [];
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, prettyErrors: false, stringKeys: false });
  const documents: YamlDocument[] = [];
  for (const document of composer.compose(tokens, true, source.text.length)) {
    for (const error of document.errors) {
      problems.add(`not valid YAML: ${describe(error.message)}`, { position: source.position(error.pos[0]) });
    }
    if (document.errors.length > 0) continue;
    const converter = new Converter(source, problems);
    const root = converter.convertRoot(document);
    if (root !== undefined) documents.push({ root, resets: converter.resets });
  }
  return problems.any ? [] : documents;
}

function describe(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

class Converter {
  readonly resets: Path[] = [];
  private readonly anchors = new Map<string, ParsedNode>();
  private readonly open = new Set<ParsedNode>();
  private readonly source: Source;
  private readonly problems: Problems;
  private values = 0;
  private inAlias = 0;
  private aliasValues = 0;
  private refused = false;

  constructor(source: Source, problems: Problems) {
    this.source = source;
    this.problems = problems;
  }

  convertRoot(document: Document.Parsed): Value | undefined {
    const contents = document.contents;
    const empty = contents === null || (isScalar(contents) && contents.value === '' && contents.type === 'PLAIN');
    // An empty file is no document; an empty document after `---` is one, and wrong.
    if (empty) return document.directives.docStart === true ? null : undefined;
    return this.convert(contents, []);
  }

  /** undefined: there is no value here, it was `!reset`. */
  private convert(node: ParsedNode | null, path: Path): Value | undefined {
    if (node === null) return null;
    this.count(node);
    if (this.refused) return undefined;
    if (isAlias(node)) return this.convertAlias(node.source, node, path);
    if (node.anchor !== undefined) this.anchors.set(node.anchor, node);
    if (node.tag === '!reset' || node.tag === '!override') {
      // As Docker Compose reads them, !reset below an alias holds where the anchor is, !override wherever it is repeated.
      if (this.inAlias === 0 || node.tag === '!override') this.resets.push(path);
      if (node.tag === '!reset') return undefined;
    }
    if (isScalar(node)) return this.convertScalar(node);
    if (isSeq(node) && (node.items as unknown[]).some((item) => isPair(item))) {
      this.fail(
        node,
        `${node.tag?.replace('tag:yaml.org,2002:', '!!') ?? 'this list'} is not supported`,
        'write a list of mappings without the tag',
      );
      return;
    }
    this.open.add(node);
    const value = isSeq(node) ? this.convertList(node.items, path) : this.convertMap(node.items, path);
    this.open.delete(node);
    return value;
  }

  private count(node: ParsedNode): void {
    this.values += 1;
    if (this.inAlias > 0) this.aliasValues += 1;
    const own = this.values - this.aliasValues;
    if (this.values <= MAX_VALUES && this.aliasValues <= 100_000 + own * MAX_ALIAS_FACTOR) return;
    if (!this.refused) this.fail(node, 'the aliases of this file expand to too many values');
    this.refused = true;
  }

  private convertAlias(name: string, alias: ParsedNode, path: Path): Value | undefined {
    const target = this.anchors.get(name);
    if (target === undefined) {
      this.fail(alias, `unknown anchor '${name}'`);
      return;
    }
    if (this.open.has(target)) {
      this.fail(alias, `cycle detected: anchor '${name}' contains itself at ${formatPath(path)}`);
      return;
    }
    this.inAlias += 1;
    const value = this.convert(target, path);
    this.inAlias -= 1;
    return value;
  }

  private convertList(items: readonly ParsedNode[], path: Path): Value[] {
    const list: Value[] = [];
    items.forEach((item, index) => {
      const value = this.convert(item, [...path, index]);
      if (value !== undefined) push(list, value, { source: this.source, offset: item.range[0] });
    });
    return list;
  }

  private convertMap(items: readonly Pair<ParsedNode, ParsedNode | null>[], path: Path): Mapping {
    const map = newMapping();
    const merges: ParsedNode[] = [];
    for (const { key, value } of items) {
      if (isMergeKey(key)) {
        if (merges.length > 0) this.fail(key, "the key '<<' is there twice", 'give it a list: <<: [*a, *b]');
        merges.push(value ?? key);
        continue;
      }
      const name = this.convertKey(key);
      if (name === undefined) continue;
      const before = originOf(map, name);
      if (before !== undefined) {
        const { line } = this.source.position(before.keyOffset ?? before.offset);
        this.fail(key, `the key '${name}' is already defined at line ${String(line)}`);
        continue;
      }
      const converted = this.convert(value, [...path, name]);
      if (converted !== undefined) put(map, name, converted, this.origin(key, value));
    }
    for (const merge of merges) this.applyMerge(map, merge, path);
    return map;
  }

  private origin(key: ParsedNode, value: ParsedNode | null): Origin {
    return { source: this.source, offset: (value ?? key).range[0], keyOffset: key.range[0] };
  }

  private convertKey(key: ParsedNode): string | undefined {
    if (isScalar(key)) {
      const name = this.convertScalar(key);
      if (typeof name === 'string') return name;
      this.fail(key, `the key ${formatScalar(name) || 'null'} is not a string`, `write it in quotes: "${formatScalar(name) || 'null'}"`);
      return;
    }
    if (isAlias(key)) {
      const name = this.convertAlias(key.source, key, []);
      if (typeof name === 'string') return name;
    }
    this.fail(key, 'a key must be a string');
  }

  /** Keys of the map itself win over merged ones, and earlier maps of a list over later ones. */
  private applyMerge(map: Mapping, node: ParsedNode, path: Path): void {
    const target = isAlias(node) ? this.anchors.get(node.source) : node;
    const parts = isSeq(target) ? target.items : [node];
    for (const part of parts) {
      const value = this.convert(part, path);
      if (value === undefined) continue;
      if (!isMapping(value)) {
        this.fail(node, 'a merge key (<<) takes a mapping or a list of mappings');
        return;
      }
      for (const key of Object.keys(value)) {
        const origin = originOf(value, key);
        if (!(key in map)) put(map, key, value[key] as Value, origin && { ...origin, cause: 'merge key' });
      }
    }
  }

  private convertScalar(node: Scalar.Parsed): Value {
    const text = this.textOf(node);
    switch (node.tag) {
      case undefined:
      case '!override':
        return node.type === 'PLAIN' ? resolvePlainScalar(text) : text;
      case 'tag:yaml.org,2002:int':
        return this.orFail(resolveInteger(text), node, `'${text}' is not an integer`);
      case 'tag:yaml.org,2002:float':
        return this.orFail(resolveFloat(text) ?? resolveInteger(text), node, `'${text}' is not a number`);
      case 'tag:yaml.org,2002:bool':
        return /^(true|yes|on|y)$/i.test(text);
      case 'tag:yaml.org,2002:null':
        return null;
      default:
        return text;
    }
  }

  /** A block that the end of the file cuts off has no newline at its end. */
  private textOf(node: Scalar.Parsed): string {
    const text = String(node.value);
    const cut = node.type?.startsWith('BLOCK') === true && node.range[1] >= this.source.text.length && !this.source.text.endsWith('\n');
    return cut && text.endsWith('\n') ? text.slice(0, -1) : text;
  }

  private orFail(value: Value | undefined, node: ParsedNode, message: string): Value {
    if (value === undefined) this.fail(node, message);
    return value ?? null;
  }

  private fail(node: ParsedNode, message: string, hint?: string): undefined {
    this.problems.add(message, { position: this.source.position(node.range[0]), hint });
    return undefined;
  }
}

function isMergeKey(key: ParsedNode): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}
