import { sleepers } from './files.ts';
import type { Section } from './main.ts';
import { time } from './timing.ts';

/** Rounds: each brings hundreds of containers up and down. */
const ROUNDS = 2;

/** Inside one container, so that only resolver and bridge are measured: every name looked up, every endpoint asked once. */
const walk = `import socket, struct, time
names = ['s%d' % number for number in range(1, 200)]
def lookup(name):
    query = b'\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00' + bytes([len(name)]) + name.encode() + b'\\x00\\x00\\x01\\x00\\x01'
    resolver.send(query)
    answer = resolver.recv(512)
    assert answer[3] & 15 == 0
    return socket.inet_ntoa(answer[-4:])
resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
resolver.connect(('127.0.0.11', 53))
resolver.settimeout(5)
begin = time.perf_counter()
addresses = [lookup(name) for name in names]
looked = time.perf_counter()
for address in addresses:
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    probe.connect((address, 9))
    probe.settimeout(5)
    probe.send(b'x')
    try:
        probe.recv(1)
    except ConnectionRefusedError:
        pass
asked = time.perf_counter()
assert len(set(addresses)) == len(names)
print(len(names) / (looked - begin), len(names) / (asked - looked))
`;

/** Whether the cost of a container stays the same when there are many, and 200 endpoints on one bridge. */
export const measureScale: Section = async (contenders, samples) => {
  for (const count of [100, 200]) {
    for (const network of ['none', 'default'] as const) {
      const suffix = network === 'none' ? `${count} services, no network` : `${count} services`;
      const name = `benchscale${network}${count}`;
      for (let round = 0; round < ROUNDS; round++) {
        for (const contender of contenders) {
          const file = sleepers(name, count, network).replace(
            'image: busybox',
            network === 'none' ? 'image: busybox' : 'image: python:debian',
          );
          const compose = [...contender.compose, '-f', `${contender.project(name, file)}/compose.yaml`];
          samples.add(`\`up -d\`, ${suffix}`, contender, (await time(contender, [...compose, 'up', '-d'])).milliseconds);
          try {
            if (network === 'default' && count === 200) {
              const { stdout } = await time(contender, [...compose, 'exec', '-T', 's1', 'python3', '-c', walk]);
              const [lookups, answers] = stdout.trim().split(' ').map(Number);
              samples.add('200 endpoints on one bridge: lookups of their names (per second)', contender, lookups!);
              samples.add('200 endpoints on one bridge: first answers of each (per second)', contender, answers!);
            }
          } finally {
            samples.add(`\`down\`, ${suffix}`, contender, (await time(contender, [...compose, 'down', '--volumes'])).milliseconds);
          }
        }
      }
    }
  }
};
