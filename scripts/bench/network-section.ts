import type { Section } from './main.ts';
import { median, time } from './timing.ts';

const project = `name: benchnet
services:
  web:
    image: nginx:debian
    command: [sh, -c, 'mkdir -p /srv && echo hello > /srv/index.html && printf "daemon off; worker_processes 2; pid /run/n.pid; error_log stderr; events {} http { access_log off; server { listen 80; root /srv; keepalive_requests 1000000; } }" > /etc/bench.conf && exec nginx -c /etc/bench.conf']
    init: true
    ports: ['18080:80']
  client:
    image: python:debian
    init: true
    command: [sleep, '100000']
`;

/** Runs inside the container, so that it measures the resolver and not the start of a process. */
const lookups = `import socket, time
query = b'\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x03web\\x00\\x00\\x01\\x00\\x01'
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(('127.0.0.11', 53))
s.settimeout(5)
begin = time.perf_counter()
for _ in range(5000):
    s.send(query)
    assert s.recv(512)[3] & 15 == 0
print(5000 / (time.perf_counter() - begin))
`;

/** Ports from outside and names from inside. */
export const measureNetwork: Section = async (contenders, samples) => {
  const load = new URL('./http-load.ts', import.meta.url).pathname;
  for (let run = 0; run < 3; run++) {
    for (const contender of contenders) {
      const compose = [...contender.compose, '-f', `${contender.project('network', project)}/compose.yaml`];
      await time(contender, [...compose, 'up', '-d']);
      try {
        const { stdout } = await time(contender, [...contender.networkPrefix, process.execPath, load, 'http://127.0.0.1:18080/']);
        const { perSecond, p99 } = JSON.parse(stdout) as { perSecond: number; p99: number };
        samples.add('requests through a published port (per second)', contender, perSecond);
        samples.add('the same, p99', contender, p99);
        const rates: number[] = [];
        for (let round = 0; round < 3; round++) {
          rates.push(Number((await time(contender, [...compose, 'exec', '-T', 'client', 'python3', '-c', lookups])).stdout));
        }
        samples.add('lookups of a service name (per second)', contender, median(rates) ?? 0);
      } finally {
        await time(contender, [...compose, 'down', '-t', '2']);
      }
    }
  }
};
