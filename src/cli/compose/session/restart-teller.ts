import type { Container, Runtime, RuntimeEvent } from '../../../model/runtime.ts';
import { containerIfThere } from './observe.ts';

/**
 * Tells of ends after which the same container is started again, which its log does not show. A container that waits for its
 * next run says so in its state; one that did not wait has been started again.
 */
export class RestartTeller {
  readonly #ended = new Map<string, string>();

  constructor(
    private readonly runtime: Runtime,
    private readonly tell: (container: Container, code: string) => void,
  ) {}

  async onEvent({ action, id, attributes }: RuntimeEvent): Promise<void> {
    if (action === 'die') this.#ended.set(id, attributes['exitCode'] ?? '0');
    if (action !== 'die' && action !== 'start') return;
    const code = this.#ended.get(id);
    const container = code === undefined ? undefined : await containerIfThere(this.runtime, id);
    if (container === undefined || code === undefined) return;
    if (action === 'die' && container.state.status !== 'restarting') return;
    this.#ended.delete(id);
    this.tell(container, code);
  }
}
