import type { Inputs } from '../files/inputs.ts';
import type { VariableOrigin } from '../tree.ts';
import { byCode, sortKeys } from '../output/key-order.ts';

interface Variable {
  readonly value: string;
  readonly from: VariableOrigin;
}

/** Named values, each with the place it came from: the process's environment and what is defined besides. The first definition wins. */
export class Variables {
  private readonly inputs: Inputs;
  private readonly map: Map<string, Variable>;

  constructor(inputs: Inputs, entries: Iterable<readonly [string, Variable]> = []) {
    this.inputs = inputs;
    this.map = new Map(entries);
  }

  get(name: string): string | undefined {
    return this.map.get(name)?.value ?? this.inputs.variable(name);
  }

  originOf(name: string): VariableOrigin | undefined {
    return this.map.get(name)?.from ?? (this.inputs.variable(name) === undefined ? undefined : 'environment');
  }

  addMissing(name: string, value: string, from: VariableOrigin): void {
    if (!this.map.has(name) && this.inputs.variable(name) === undefined) this.map.set(name, { value, from });
  }

  set(name: string, value: string, from: VariableOrigin = 'environment'): void {
    this.map.set(name, { value, from });
  }

  clone(): Variables {
    return new Variables(this.inputs, this.map);
  }

  /** Sorted by name. */
  toRecord(): Record<string, string> {
    const ofProcess = Object.entries(this.inputs.everyVariable()).filter((entry) => entry[1] !== undefined) as [string, string][];
    const own = [...this.map].map(([name, { value }]) => [name, value] as const);
    return sortKeys(Object.fromEntries([...ofProcess, ...own]), byCode);
  }
}
