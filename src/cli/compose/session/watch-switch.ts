/** A watch of the sources that can be turned on and off again and again. */
export class WatchSwitch {
  #abort: AbortController | undefined;
  #end: Promise<void> = Promise.resolve();

  /** `watch` works until its signal ends it; `onChange` is called whenever it is turned on, off, or has failed. */
  constructor(
    private readonly watch: (signal: AbortSignal) => Promise<void>,
    private readonly onFailure: (error: unknown) => void,
    private readonly onChange: () => void,
  ) {}

  get isOn(): boolean {
    return this.#abort !== undefined;
  }

  on(): void {
    if (this.#abort !== undefined) return;
    const abort = new AbortController();
    this.#abort = abort;
    // One after the other: what the watch before this one had begun comes first.
    this.#end = this.#end.then(() => this.#run(abort));
    this.onChange();
  }

  /** Resolves when what was begun is done. */
  async off(): Promise<void> {
    const abort = this.#abort;
    this.#abort = undefined;
    abort?.abort();
    if (abort !== undefined) this.onChange();
    await this.#end;
  }

  async #run(abort: AbortController): Promise<void> {
    try {
      await this.watch(abort.signal);
    } catch (error) {
      this.onFailure(error);
      if (this.#abort !== abort) return;
      this.#abort = undefined;
      this.onChange();
    }
  }
}
