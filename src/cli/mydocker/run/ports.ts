import { MydockerError } from '../../../errors.ts';
import type { PortSpec } from '../../../model/container.ts';
import { isIP } from '../../../util/ip.ts';

function invalid(text: string, what: string): MydockerError {
  return new MydockerError('invalid', `invalid --publish ${JSON.stringify(text)}: ${what}`, { exitStatus: 125 });
}

/** `-p`: `[[address:]host:]container[/protocol]`, each port also as a range. */
export function publishFlag(text: string): readonly PortSpec[] {
  const [ports = '', protocol = 'tcp'] = text.split('/');
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') throw invalid(text, `unknown protocol ${JSON.stringify(protocol)}`);
  const match = /^(?:(\[[^\]]*\]|[^:[\]]*):)?(?:([^:]*):)?([^:]+)$/.exec(ports);
  if (match === null) throw invalid(text, 'write [[address:]host:]container');
  const [, first, second, container = ''] = match;
  const address = second === undefined ? '' : (first ?? '').replace(/^\[|\]$/g, '');
  const host = second ?? first ?? '';
  if (address !== '' && isIP(address) === 0) throw invalid(text, `${JSON.stringify(address)} is not an address`);
  const [from, to] = rangeOf(text, container);
  const count = to - from + 1;
  const [hostFrom, hostTo] = host === '' ? [0, 0] : rangeOf(text, host);
  if (host !== '' && count > 1 && hostTo - hostFrom + 1 !== count) throw invalid(text, 'the two ranges differ in length');
  return Array.from({ length: count }, (_, index) => ({
    containerPort: from + index,
    protocol,
    hostIp: address,
    hostPort: host === '' ? 0 : hostFrom + index,
    ...(count === 1 && hostTo > hostFrom ? { hostPortEnd: hostTo } : {}),
  }));
}

function rangeOf(text: string, range: string): readonly [number, number] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(range);
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? match?.[1]);
  if (match === null || from < 1 || to > 65_535 || to < from)
    throw invalid(text, `${JSON.stringify(range)} is not a port or a range of ports`);
  return [from, to];
}

/** `--expose`: `80`, `80/udp`, `80-82`. */
export function exposeFlag(text: string): readonly string[] {
  const [range = '', protocol = 'tcp'] = text.split('/');
  const [from, to] = rangeOf(text, range);
  return Array.from({ length: to - from + 1 }, (_, index) => `${String(from + index)}/${protocol}`);
}
