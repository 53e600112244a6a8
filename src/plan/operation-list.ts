import { operationId, type Operation, type OperationKind, type Plan } from '../model/plan.ts';

type OmitCommon<T> = T extends Operation
  ? Omit<T, 'id' | 'needs' | 'after' | 'kind'> & { needs?: readonly string[]; after?: readonly string[] }
  : never;
export type OperationFields<K extends OperationKind> = OmitCommon<Extract<Operation, { kind: K }>>;

/** Collects operations, derives their ids, and puts them into an order that respects their edges. */
export class OperationList {
  readonly warnings: string[] = [];
  readonly #operations = new Map<string, Operation>();

  /** Adds it and returns its id; the same operation on the same resource is added once. */
  add<K extends OperationKind>(kind: K, fields: OperationFields<K>): string {
    const id = operationId(kind, fields.resource);
    if (!this.#operations.has(id)) {
      this.#operations.set(id, { ...fields, kind, id, needs: fields.needs ?? [], after: fields.after ?? [] } as unknown as Operation);
    }
    return id;
  }

  has(id: string): boolean {
    return this.#operations.has(id);
  }

  *[Symbol.iterator](): Iterator<Operation> {
    yield* this.#operations.values();
  }

  toPlan(project: string): Plan {
    return { project, operations: topologicalOrder([...this.#operations.values()]), warnings: this.warnings };
  }
}

/** Edges to operations that are not there are dropped. */
function topologicalOrder(operations: readonly Operation[]): readonly Operation[] {
  const known = new Map(operations.map((operation) => [operation.id, operation]));
  const ordered = new Map<string, Operation>();
  const visiting = new Set<string>();
  const visit = (operation: Operation): void => {
    if (ordered.has(operation.id) || visiting.has(operation.id)) return;
    visiting.add(operation.id);
    const needs = new Set(operation.needs);
    const after = new Set(operation.after);
    for (const edges of [needs, after]) {
      for (const id of edges) {
        const before = known.get(id);
        if (before === undefined || (edges === after && needs.has(id))) edges.delete(id);
        else if (!ordered.has(id)) visit(before);
      }
    }
    ordered.set(operation.id, { ...operation, needs: [...needs], after: [...after] });
  };
  operations.forEach(visit);
  return [...ordered.values()];
}
