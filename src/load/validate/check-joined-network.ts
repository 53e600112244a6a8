import type { Service } from '../../model/service.ts';
import type { Report } from './check-consistency.ts';

const OF_THE_NETWORK = ['hostname', 'dns', 'extra_hosts', 'ports', 'expose', 'links'] as const;

/** What belongs to the network of another container (`network_mode: service:` or `container:`) cannot be said here. */
export function checkJoinedNetwork(service: Service, fail: Report): void {
  const mode = service.network_mode ?? '';
  const other = /^(service|container):(.+)$/.exec(mode);
  for (const key of OF_THE_NETWORK) {
    if (other === null && !(mode === 'host' && key === 'links')) continue;
    if (isSet(service[key])) {
      const hint =
        other === null ? `take \`${key}\` away` : `set \`${key}\` where the network is made: ${other[1] ?? ''} ${other[2] ?? ''}`;
      fail([key], `conflicting options: ${key} and network_mode: ${mode}`, hint);
    }
  }
}

function isSet(value: string | readonly unknown[] | undefined): boolean {
  return value !== undefined && value.length > 0;
}
