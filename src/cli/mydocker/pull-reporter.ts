import type { PullProgress } from '../../model/runtime.ts';

const WORDS = {
  downloading: 'Pulling fs layer',
  extracting: 'Download complete',
  complete: 'Pull complete',
  exists: 'Already exists',
} as const;

/** One line for each step of each layer. */
export function pullReporter(say: (line: string) => void): (progress: PullProgress) => void {
  const last = new Map<string, string>();
  return (progress) => {
    if (progress.kind !== 'layer' || last.get(progress.layer) === progress.status) return;
    last.set(progress.layer, progress.status);
    say(`${progress.layer}: ${WORDS[progress.status]}`);
  };
}
