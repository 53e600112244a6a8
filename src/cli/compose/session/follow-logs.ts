import type { Container, LogEntry, LogOptions, Runtime } from '../../../model/runtime.ts';
import { LogLines, logPrefix, type LogStyle } from '../../../ui/log-lines.ts';
import { keepsLog } from '../../../plan/container-facts.ts';
import { writeErr } from '../../../util/stdio.ts';
import { logName, prefixWidth } from './log-name.ts';

export interface FollowOptions {
  readonly runtime: Runtime;
  readonly projectName: string;
  readonly style: LogStyle;
  readonly follow: boolean;
  readonly log: LogOptions;
  readonly write: (text: string, stream: LogEntry['stream']) => void;
  /** Which containers that start while others are followed are followed too. */
  readonly newcomers: (container: Container) => boolean;
}

/** Prints the logs of the containers that keep one; when following, until all of them have ended. */
export async function printLogs(all: readonly Container[], options: FollowOptions): Promise<void> {
  const containers = all.filter(keepsLog);
  for (const { config } of all.filter((one) => !keepsLog(one))) {
    writeErr(`warning: container ${config.name} keeps no log: its log driver is none\n`);
  }
  const width = prefixWidth(containers.map(logName));
  if (options.follow) {
    const { followAll } = await import('./follow-all.ts');
    await followAll(containers, width, options);
    return;
  }
  if (containers.length === 1) {
    await Promise.all(containers.map((container) => printContainer(container, 0, width, options)));
    return;
  }
  const lines: { time: string; text: string; stream: LogEntry['stream'] }[] = [];
  for (const [index, container] of containers.entries()) {
    let time = '';
    const write = (text: string, stream: LogEntry['stream']): void => {
      lines.push({ time, text, stream });
    };
    await printContainer(container, index, width, { ...options, write }, (entry) => {
      time = entry.time;
    });
  }
  for (const { text, stream } of lines.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))) options.write(text, stream);
}

async function printContainer(
  container: Container,
  index: number,
  width: number,
  options: FollowOptions,
  onEntry: (entry: LogEntry) => void = () => undefined,
): Promise<void> {
  const lines = linesOf(container, index, width, options);
  for await (const entry of options.runtime.containers.logs(container.config.id, options.log)) {
    onEntry(entry);
    lines.push(entry);
  }
  lines.end();
}

export function linesOf(container: Container, index: number, width: number, { style, write }: FollowOptions): LogLines {
  const prefix = logPrefix(logName(container), index, width, style);
  return new LogLines(() => prefix, style, write);
}
