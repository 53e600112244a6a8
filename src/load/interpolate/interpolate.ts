import type { Variables } from '../environment/variables.ts';
import type { Problems } from '../problems.ts';
import { positionOf } from '../problems.ts';
import { ruleChild, type RuleNode } from '../rules.ts';
import { originOf, setOrigin, type Mapping, type Origin, type Value } from '../tree.ts';
import { casts, type Cast } from './casts.ts';
import { findReferences, substitute, TemplateError } from './template.ts';

/** Replaces variables in every string value of `root`, in place, and casts what the schema wants as number or boolean. */
export function interpolate(root: Mapping, variables: Variables, problems: Problems): void {
  new Interpolator(variables, problems).visit(root, [], casts);
}

class Interpolator {
  private readonly variables: Variables;
  private readonly problems: Problems;

  constructor(variables: Variables, problems: Problems) {
    this.variables = variables;
    this.problems = problems;
  }

  visit(container: Mapping | Value[], path: (string | number)[], rules: RuleNode<Cast> | undefined): void {
    const keys: (string | number)[] = Array.isArray(container) ? [...container.keys()] : Object.keys(container);
    for (const key of keys) {
      const value = (container as Record<string | number, Value>)[key] as Value;
      const rule = ruleChild(rules, key);
      if (typeof value === 'string') {
        if (rule?.rule === undefined && !value.includes('$')) continue;
        path.push(key);
        const origin = originOf(container, key);
        (container as Record<string | number, Value>)[key] = this.resolve(value, path, rule?.rule, origin);
        if (value.includes('$')) setOrigin(container, key, this.withVariables(origin, value));
        path.pop();
      } else if (typeof value === 'object' && value !== null) {
        path.push(key);
        this.visit(value, path, rule);
        path.pop();
      }
    }
  }

  private resolve(template: string, path: readonly (string | number)[], cast: Cast | undefined, origin: Origin | undefined): Value {
    const details = { path: [...path], position: positionOf(origin) };
    let text: string;
    try {
      text = substitute(template, {
        lookup: (name) => this.variables.get(name),
        missing: (name) => {
          this.problems.warn(`The ${JSON.stringify(name)} variable is not set. Defaulting to a blank string.`, details);
        },
      });
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      if (error.kind === 'required') this.problems.add(error.message, details);
      else
        this.problems.add(`${error.message}: ${JSON.stringify(template)}`, {
          ...details,
          hint: 'write $$ where a dollar sign is meant',
        });
      return template;
    }
    if (cast === undefined) return text;
    const value = cast.apply(text);
    if (value !== undefined) return value;
    this.problems.add(`${JSON.stringify(text)} is not ${cast.wanted}`, details);
    return template;
  }

  private withVariables(origin: Origin | undefined, template: string): Origin | undefined {
    if (origin === undefined) return undefined;
    const names = new Set(findReferences(template).map((reference) => reference.name));
    const variables = [...names].map((name) => ({
      name,
      value: this.variables.get(name),
      from: this.variables.originOf(name),
    }));
    return { ...origin, variables };
  }
}

/** A single string outside the tree, such as the project's name. */
export function interpolateText(template: string, variables: Variables): string {
  return substitute(template, { lookup: (name) => variables.get(name) });
}
