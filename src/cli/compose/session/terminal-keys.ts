import { readFileSync } from 'node:fs';

const SUSPEND = '\u001a';

export interface KeyListener {
  readonly onKey: (key: string) => void;
  /** The terminal is about to be the shell's again. */
  readonly onSuspend: () => void;
  readonly onResume: () => void;
}

/**
 * Single keys from the terminal, as long as it is ours: not while this process is stopped or runs in the background,
 * where even a look at the terminal would stop it.
 */
export class TerminalKeys {
  #reading = false;
  readonly #onData = (data: Buffer): void => {
    for (const key of data.toString()) {
      if (key === SUSPEND) this.#suspend();
      else this.listener.onKey(key);
    }
  };
  readonly #onContinue = (): void => {
    if (!isForeground()) return;
    if (this.#reading) this.#stop();
    this.#start();
    this.listener.onResume();
  };

  constructor(private readonly listener: KeyListener) {
    process.on('SIGCONT', this.#onContinue);
    this.#onContinue();
  }

  close(): void {
    process.off('SIGCONT', this.#onContinue);
    this.#stop();
  }

  #start(): void {
    this.#reading = true;
    process.stdin.setRawMode(true);
    process.stdin.on('data', this.#onData);
    process.stdin.ref();
    process.stdin.resume();
  }

  #stop(): void {
    if (!this.#reading) return;
    this.#reading = false;
    process.stdin.off('data', this.#onData);
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stdin.unref();
  }

  /** What the terminal does for programs that leave its keys to it: the whole job stops, the shell takes over. */
  #suspend(): void {
    this.listener.onSuspend();
    this.#stop();
    process.kill(0, 'SIGTSTP');
    // Continued at once where nobody does job control; then no SIGCONT comes.
    if (isForeground() && !this.#reading) this.#onContinue();
  }
}

/** Fields 5 and 8 of proc_pid_stat(5): our process group, and the one that has the terminal. */
function isForeground(): boolean {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return fields[2] === fields[5];
}
