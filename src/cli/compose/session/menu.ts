import { LiveRegion } from '../../../ui/live-region.ts';
import { menuText, type MenuItem } from '../../../ui/menu-text.ts';
import { TerminalKeys } from './terminal-keys.ts';
import type { WatchSwitch } from './watch-switch.ts';

const INTERRUPT = '\u0003';

export interface MenuActions {
  readonly interrupt: () => void;
  readonly detach: () => void;
  /** Absent when no service has rules to watch by. */
  readonly watch?: WatchSwitch;
}

/** The shortcuts of an attached `up`: a line below the logs, and what its keys do. */
export class Menu {
  readonly #line: LiveRegion;
  #keys: TerminalKeys | undefined;

  constructor(
    private readonly actions: MenuActions,
    color: boolean,
  ) {
    this.#line = new LiveRegion(1, (columns) => [menuText(this.#items(), columns, color)]);
  }

  open(): void {
    this.#keys = new TerminalKeys({
      onKey: (key) => this.#press(key),
      onSuspend: () => this.#line.hide(),
      onResume: () => this.#line.show(),
    });
  }

  redraw(): void {
    this.#line.redraw();
  }

  close(): void {
    this.#keys?.close();
    this.#keys = undefined;
    this.#line.hide();
  }

  #items(): readonly MenuItem[] {
    return [
      { key: 'w', text: this.actions.watch?.isOn === true ? 'Disable Watch' : 'Enable Watch' },
      { key: 'd', text: 'Detach' },
    ];
  }

  #press(key: string): void {
    switch (key) {
      case INTERRUPT:
        this.close();
        this.actions.interrupt();
        return;
      case 'd':
        this.close();
        this.actions.detach();
        return;
      case 'w':
        this.#toggleWatch(this.actions.watch);
        return;
      case '\r':
        process.stdout.write('\n');
    }
  }

  #toggleWatch(watch: WatchSwitch | undefined): void {
    if (watch === undefined) process.stderr.write("nothing to watch: no service has rules in its 'develop' section\n");
    else if (watch.isOn) {
      process.stdout.write('Watch disabled\n');
      void watch.off();
    } else watch.on();
  }
}
