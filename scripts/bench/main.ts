/**
 * Whole commands, ours and the reference's alternating in one run; prints medians and their ratio as a Markdown table.
 * Arguments name the sections to run; none means all. `--runs N` sets how often each small command runs.
 */
import { cpus, release, totalmem } from 'node:os';
import { ours, reference, type Contender } from './contender.ts';
import { measureConfig } from './config-section.ts';
import { measureLifecycle } from './lifecycle-section.ts';
import { measureNetwork } from './network-section.ts';
import { prepareImages } from './images.ts';
import { formatTable } from './report.ts';
import { measureScale } from './scale-section.ts';
import { measureStart } from './start-section.ts';
import { Samples } from './timing.ts';

export type Section = (contenders: readonly Contender[], samples: Samples, runs: number) => Promise<void>;

const sections: Readonly<Record<string, Section>> = {
  start: measureStart,
  config: measureConfig,
  lifecycle: measureLifecycle,
  scale: measureScale,
  network: measureNetwork,
};

const argv = process.argv.slice(2);
const runsAt = argv.indexOf('--runs');
const runs = runsAt === -1 ? 11 : Number(argv[runsAt + 1]);
const chosen = argv.filter((word, index) => word in sections && (runsAt === -1 || index !== runsAt + 1));

const us = ours();
const other = reference();
const contenders = other === undefined ? [us] : [us, other];
const samples = new Samples();
try {
  await prepareImages(contenders);
  for (const [name, section] of Object.entries(sections)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    process.stderr.write(`bench: ${name}\n`);
    await section(contenders, samples, runs);
  }
  console.log(
    `Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB. ` +
      `Medians; ${other === undefined ? 'no reference was reachable' : `side by side with ${other.name} in the same run`}.\n`,
  );
  console.log(formatTable(samples, us, other));
} finally {
  for (const contender of contenders) contender.dispose();
}
