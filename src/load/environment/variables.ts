import type { VariableOrigin } from '../tree.ts';

interface Variable {
  readonly value: string;
  readonly from: VariableOrigin;
}

/** Named values, each with the place it came from. The first definition of a name wins. */
export class Variables {
  private readonly map: Map<string, Variable>;

  constructor(entries: Iterable<readonly [string, Variable]> = []) {
    this.map = new Map(entries);
  }

  static ofProcess(environment: Readonly<Record<string, string | undefined>>): Variables {
    const variables = new Variables();
    for (const [name, value] of Object.entries(environment)) {
      if (value !== undefined) variables.map.set(name, { value, from: 'environment' });
    }
    return variables;
  }

  get(name: string): string | undefined {
    return this.map.get(name)?.value;
  }

  originOf(name: string): VariableOrigin | undefined {
    return this.map.get(name)?.from;
  }

  addMissing(name: string, value: string, from: VariableOrigin): void {
    if (!this.map.has(name)) this.map.set(name, { value, from });
  }

  set(name: string, value: string, from: VariableOrigin = 'environment'): void {
    this.map.set(name, { value, from });
  }

  clone(): Variables {
    return new Variables(this.map);
  }

  /** Sorted by name. */
  toRecord(): Record<string, string> {
    const names = [...this.map.keys()].sort();
    return Object.fromEntries(names.map((name) => [name, this.map.get(name)?.value ?? '']));
  }
}
