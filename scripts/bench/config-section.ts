import { bigModel } from './files.ts';
import type { Section } from './main.ts';
import { time } from './timing.ts';

/** Loading alone: a file as people write them, with ever more services. */
export const measureConfig: Section = async (contenders, samples, runs) => {
  for (const count of [50, 1000, 5000]) {
    const folders = contenders.map((contender) => contender.project(`config-${count}`, bigModel(count)));
    for (let run = 0; run < (count === 50 ? runs : 3); run++) {
      for (const [index, contender] of contenders.entries()) {
        const command = [
          ...contender.compose,
          '--project-directory',
          folders[index]!,
          '-f',
          `${folders[index]!}/compose.yaml`,
          'config',
          '-q',
        ];
        samples.add(`\`config -q\`, ${count} services`, contender, (await time(contender, command)).milliseconds);
      }
    }
  }
};
