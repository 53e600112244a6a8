import { isMapping, type Mapping, type Path } from './tree.ts';

/** Removes from `target` what `!reset` and `!override` of a later file stand for. Elements of lists stay. */
export function applyResets(target: Mapping, resets: readonly Path[]): void {
  for (const path of resets) {
    let container: unknown = target;
    for (const key of path.slice(0, -1)) container = isMapping(container) ? container[key] : undefined;
    const last = path.at(-1);
    if (isMapping(container) && typeof last === 'string') Reflect.deleteProperty(container, last);
  }
}
