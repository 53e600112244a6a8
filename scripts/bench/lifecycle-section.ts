import { sleepers } from './files.ts';
import type { Section } from './main.ts';
import { proportionalSetSize } from './memory.ts';
import { time } from './timing.ts';

/** Everything a day with a project has: up, up again, ps, exec, down. */
export const measureLifecycle: Section = async (contenders, samples, runs) => {
  for (const count of [1, 10, 50]) {
    const services = count === 1 ? '1 service' : `${count} services`;
    for (const network of ['none', 'default'] as const) {
      const suffix = network === 'none' ? `${services}, no network` : services;
      const name = `bench${network}${count}`;
      const commands = contenders.map((contender) => [
        ...contender.compose,
        '-f',
        `${contender.project(name, sleepers(name, count, network))}/compose.yaml`,
      ]);
      for (let run = 0; run < (count === 50 ? 3 : Math.ceil(runs / 2)); run++) {
        for (const [index, contender] of contenders.entries()) {
          const compose = commands[index]!;
          const measure = async (row: string, args: readonly string[]): Promise<void> => {
            samples.add(row, contender, (await time(contender, [...compose, ...args])).milliseconds);
          };
          await measure(`\`up -d\`, ${suffix}`, ['up', '-d']);
          try {
            if (network === 'default' || count === 10) {
              await measure(`\`up -d\` with nothing to do, ${suffix}`, ['up', '-d']);
              await measure(`\`ps\`, ${suffix}`, ['ps']);
              await measure(`\`exec -T s1 true\`, ${suffix}`, ['exec', '-T', 's1', 'true']);
            }
            if (network === 'default' && count === 50) {
              const { perContainer, shared } = contender.staying();
              samples.add('memory that stays per container, PSS (KiB)', contender, proportionalSetSize(perContainer) / count);
              samples.add('memory of daemons, PSS (KiB)', contender, proportionalSetSize(shared));
            }
          } finally {
            await measure(`\`down\`, ${suffix}`, ['down', '--volumes']);
          }
        }
      }
    }
  }
};
