import { mkdirSync, readdirSync, readlinkSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { NetworkRecord } from '../../model/runtime.ts';
import { errnoOf } from '../../util/errno.ts';
import { ownStartTime } from '../store/process-times.ts';
import { freeAddresses, homeAddress, staticAddress, type ChosenAddress } from './choose-address.ts';

/** The container an address is for. */
export interface Claimant {
  readonly id: string;
  readonly name: string;
}

/**
 * Addresses in use: one symbolic link each below RUN_ROOT/network (native/PROTOCOL.md, "Network"). Making a link is
 * atomic and fails where one is, so commands that run at the same time need no lock. The supervisor takes the claim
 * over; that of a command that died is void and swept away.
 */
export class AddressClaims {
  readonly #root: string;
  readonly #used = new Map<string, Set<string>>();
  /** What is free, from where the last search ended: a network's first addresses are not looked at again for each container. */
  readonly #free = new Map<string, Generator<ChosenAddress>>();
  #holder: string | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** Takes the address wished for, the one that goes with the container's name, or the first that is free. */
  claim(network: NetworkRecord, family: 4 | 6, container: Claimant, wish: string | undefined): ChosenAddress {
    const target = `${this.#ownHolder()} ${container.id} `;
    if (wish !== undefined && wish !== '') {
      const chosen = staticAddress(network, family, wish);
      if (this.#take(network.id, chosen.address, target)) return chosen;
      throw new MydockerError(
        'conflict',
        `address ${chosen.address} of network ${network.name} is in use by ${this.#describe(network.id, chosen.address)}`,
        {
          hint: 'Stop the other container, or choose another address.',
        },
      );
    }
    const home = homeAddress(network, family, container.name);
    if (home !== undefined && this.#take(network.id, home.address, target)) return home;
    const chosen = this.#takeNext(network, family, target) ?? this.#takeNext(network, family, target);
    if (chosen !== undefined) return chosen;
    throw new MydockerError('host', `no free IPv${family} address is left in network ${network.name}`, {
      hint: 'Give the network a larger subnet or ip_range.',
    });
  }

  /** Gives back what this process claimed and no supervisor took over. */
  release(network: string, address: string): void {
    const path = this.#path(network, address);
    this.#usedOf(network).delete(address);
    try {
      if (!readlinkSync(path).startsWith(`${this.#ownHolder()} `)) return;
      unlinkSync(path);
      for (let folder = dirname(path); folder !== this.#root; folder = dirname(folder)) rmdirSync(folder);
    } catch (error) {
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errnoOf(error))) throw error;
    }
  }

  /** Undefined when the search has reached the end; the next one begins anew, with what was given back meanwhile. */
  #takeNext(network: NetworkRecord, family: 4 | 6, target: string): ChosenAddress | undefined {
    const key = `${network.id} ${family}`;
    const search = this.#free.get(key) ?? freeAddresses(network, family, this.#usedOf(network.id));
    this.#free.set(key, search);
    for (let next = search.next(); next.done !== true; next = search.next()) {
      if (this.#take(network.id, next.value.address, target)) return next.value;
    }
    this.#free.delete(key);
    return undefined;
  }

  #take(network: string, address: string, target: string): boolean {
    const path = this.#path(network, address);
    this.#usedOf(network).add(address);
    for (;;) {
      try {
        symlinkSync(target, path);
        return true;
      } catch (error) {
        const code = errnoOf(error);
        if (code === 'EEXIST') return false;
        // Whoever removes the last link removes the folder.
        if (code !== 'ENOENT') throw error;
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      }
    }
  }

  #usedOf(network: string): Set<string> {
    let used = this.#used.get(network);
    if (used === undefined) {
      used = new Set(listFolder(join(this.#root, network, 'ip')));
      this.#used.set(network, used);
    }
    return used;
  }

  /** Ids of the containers that have an address of the network, running or being started; what dead holders left was swept before. */
  claimants(network: string): readonly string[] {
    return listFolder(join(this.#root, network, 'ip')).flatMap((address) => this.#targetOf(network, address)[2] ?? []);
  }

  #targetOf(network: string, address: string): readonly string[] {
    try {
      return readlinkSync(this.#path(network, address)).split(' ');
    } catch {
      return []; // given back meanwhile
    }
  }

  #describe(network: string, address: string): string {
    const [, , container, name = ''] = this.#targetOf(network, address);
    if (container === undefined) return 'another container';
    return `container ${name === '' ? container.slice(0, 12) : name}`;
  }

  #path(network: string, address: string): string {
    return join(this.#root, network, 'ip', address);
  }

  #ownHolder(): string {
    return (this.#holder ??= `${process.pid} ${ownStartTime()}`);
  }
}

export function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
