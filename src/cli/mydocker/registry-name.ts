const HUB = ['', 'docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'];

/** What people call a registry, `https://host:5000/v2/`, as the domain of its images; Docker Hub when nothing is said. */
export function registryDomain(server = ''): string {
  const host = server.replace(/^https?:\/\//, '').split('/', 1)[0] ?? '';
  return HUB.includes(host) ? 'docker.io' : host;
}
