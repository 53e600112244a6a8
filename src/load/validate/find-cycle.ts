import type { Project } from '../../model/project.ts';

/** A cycle of dependencies, its first name repeated at its end; undefined when there is none. Without recursion. */
export function findCycle(services: Project['services']): string[] | undefined {
  const done = new Set<string>();
  for (const start of Object.keys(services).sort()) {
    const trail: { name: string; rest: string[] }[] = [];
    const open = new Set<string>();
    const enter = (name: string): void => {
      open.add(name);
      trail.push({ name, rest: Object.keys(services[name]?.depends_on ?? {}).sort() });
    };
    if (!done.has(start)) enter(start);
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const next = top.rest.shift();
      if (next === undefined) {
        done.add(top.name);
        open.delete(top.name);
        trail.pop();
      } else if (open.has(next)) {
        const names = trail.map(({ name }) => name);
        return [...names.slice(names.indexOf(next)), next];
      } else if (!done.has(next) && next in services) enter(next);
    }
  }
  return undefined;
}
