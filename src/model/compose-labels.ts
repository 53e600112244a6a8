/** The labels of Docker Compose, by which a project's resources are found again. */
export const LABELS = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  containerNumber: 'com.docker.compose.container-number',
  oneoff: 'com.docker.compose.oneoff',
  configHash: 'com.docker.compose.config-hash',
  configFiles: 'com.docker.compose.project.config_files',
  workingDir: 'com.docker.compose.project.working_dir',
  environmentFile: 'com.docker.compose.project.environment_file',
  dependsOn: 'com.docker.compose.depends_on',
  image: 'com.docker.compose.image',
  version: 'com.docker.compose.version',
  slug: 'com.docker.compose.slug',
  replace: 'com.docker.compose.replace',
  volume: 'com.docker.compose.volume',
  network: 'com.docker.compose.network',
  /** Ours: digests of the configuration files a container was made with, by target. */
  content: 'mydocker.content',
} as const;

/** The Compose version whose behaviour and output we follow. */
export const COMPOSE_VERSION = '2.40.3';
