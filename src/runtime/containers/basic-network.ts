import { writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerConfig } from '../../model/container.ts';
import type { ObservedNetwork } from '../../model/runtime.ts';
import type { NetworkHooks, PreparedNetwork } from './network-hooks.ts';

/** Containers without networks of their own: the host's, another container's, or loopback alone. */
export class BasicNetwork implements NetworkHooks {
  async prepareStart(config: ContainerConfig, { dataDir }: { readonly dataDir: string }): Promise<PreparedNetwork> {
    const isHost = config.namespaces.network.kind === 'host';
    const files = {
      hosts: isHost ? readFileSync('/etc/hosts', 'utf8') : `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n`,
      hostname: `${config.hostname}\n`,
      'resolv.conf': isHost ? readFileSync('/etc/resolv.conf', 'utf8') : '',
    };
    const mounts = [];
    for (const [name, text] of Object.entries(files)) {
      const source = join(dataDir, name);
      await writeFile(source, text, { mode: 0o644 });
      mounts.push({ source, target: `/etc/${name}`, readOnly: false });
    }
    return { keys: [], mounts, sysctls: {}, abandon: () => Promise.resolve() };
  }

  observe(): Promise<ObservedNetwork> {
    return Promise.resolve({ endpoints: [], ports: [] });
  }

  containerRemoved(): Promise<void> {
    return Promise.resolve();
  }
}
