import type { Section } from './main.ts';
import { time } from './timing.ts';

/** The floor of every command. */
export const measureStart: Section = async (contenders, samples, runs) => {
  for (let run = 0; run < runs; run++) {
    for (const contender of contenders) {
      if (contender.prefix.length > 0)
        samples.add('(the way to the reference: `true`)', contender, (await time(contender, [...contender.prefix, 'true'])).milliseconds);
      samples.add('`version`', contender, (await time(contender, [...contender.compose, 'version'])).milliseconds);
      const none = ['--network', 'none'];
      samples.add(
        '`run --rm --network none busybox true`',
        contender,
        (await time(contender, [...contender.containers, 'run', '--rm', ...none, 'busybox', 'true'])).milliseconds,
      );
      samples.add(
        '`run --rm busybox true`',
        contender,
        (await time(contender, [...contender.containers, 'run', '--rm', 'busybox', 'true'])).milliseconds,
      );
    }
  }
};
