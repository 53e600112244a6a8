/** `count` services that only sleep; `init` lets them end at once on SIGTERM, so that `down` measures us and not the grace period. */
export function sleepers(name: string, count: number, network: 'default' | 'none'): string {
  const services = Array.from({ length: count }, (_, index) =>
    [
      `  s${index + 1}:`,
      '    image: busybox',
      '    command: [sleep, "100000"]',
      '    init: true',
      ...(network === 'none' ? ['    network_mode: none'] : []),
      ...(index === 0 ? ['    volumes: ["data:/data"]'] : []),
    ].join('\n'),
  );
  return `name: ${name}\nservices:\n${services.join('\n')}\nvolumes:\n  data:\n`;
}

/** A file as people write them: environment, labels, ports, health checks, dependencies, an anchor. */
export function bigModel(count: number): string {
  const services = Array.from({ length: count }, (_, index) =>
    [
      `  service-${index}:`,
      '    <<: *common',
      `    image: registry.example.com/team/service-${index}:1.\${MINOR:-${index % 10}}`,
      '    environment:',
      `      SERVICE_NAME: service-${index}`,
      '      DATABASE_URL: postgres://user@db:5432/${DATABASE:-main}',
      '      LOG_LEVEL: ${LOG_LEVEL:-info}',
      '    ports:',
      `      - "127.0.0.1:${10000 + index}:8080"`,
      '    volumes:',
      `      - data-${index}:/var/lib/service`,
      `      - ./config/${index}:/etc/service:ro`,
      '    healthcheck:',
      '      test: [CMD, wget, -q, "http://localhost:8080/health"]',
      '      interval: 10s',
      ...(index === 0 ? [] : [`    depends_on: [service-${Math.floor((index - 1) / 2)}]`]),
    ].join('\n'),
  );
  const volumes = Array.from({ length: count }, (_, index) => `  data-${index}:`);
  return `name: big\nx-common: &common\n  restart: unless-stopped\n  logging:\n    driver: json-file\n    options: {max-size: 10m}\n  labels:\n    team: core\nservices:\n${services.join('\n')}\nvolumes:\n${volumes.join('\n')}\n`;
}
