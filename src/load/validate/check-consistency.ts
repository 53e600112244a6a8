import type { Project } from '../../model/project.ts';
import type { Service } from '../../model/service.ts';
import type { Path } from '../tree.ts';
import { findCycle } from './find-cycle.ts';
import { nearest } from './nearest.ts';

export type Report = (path: Path, message: string, hint?: string) => void;

/** Whether the parts of a project fit together: names that are referred to exist, attributes do not contradict each other. */
export function checkConsistency(project: Project, disabled: Project['services'], report: Report): void {
  for (const [name, service] of Object.entries(project.services)) {
    const fail: Report = (path, message, hint) => {
      report(['services', name, ...path], message, hint);
    };
    checkSource(name, service, project, fail);
    checkReferences(name, service, project, disabled, fail);
    checkLimits(service, fail);
    checkHealth(service, fail);
    checkMounts(service, fail);
    checkWatch(service, fail);
  }
  for (const [name, { external, file, environment }] of Object.entries(project.secrets ?? {})) {
    if (external === true || file !== undefined || environment !== undefined) continue;
    report(['secrets', name], `secret ${JSON.stringify(name)} must declare either \`file\` or \`environment\``);
  }
  checkContainerNames(project, report);
  const cycle = findCycle(project.services);
  if (cycle !== undefined) report(['services', cycle[0] ?? '', 'depends_on'], `dependency cycle detected: ${cycle.join(' -> ')}`);
}

function checkSource(name: string, service: Service, project: Project, fail: Report): void {
  const { build, image, platform } = service;
  if (build === undefined && image === undefined && service.provider === undefined) {
    fail([], `service ${JSON.stringify(name)} has neither an image nor a build context specified`);
  }
  if (build === undefined) return;
  if (build.dockerfile_inline !== undefined && build.dockerfile !== undefined) {
    fail(['build'], `service ${JSON.stringify(name)} declares mutually exclusive dockerfile and dockerfile_inline`);
  }
  for (const [key, context] of Object.entries(build.additional_contexts ?? {})) {
    const target = context.startsWith('service:') ? context.slice('service:'.length) : undefined;
    if (target !== undefined && !(target in project.services)) {
      fail(['build', 'additional_contexts', key], `refers to undefined service ${target}`);
    } else if (target !== undefined && project.services[target]?.build === undefined) {
      fail(
        ['build', 'additional_contexts', key],
        `service ${JSON.stringify(name)} declares non-buildable service ${JSON.stringify(target)} as an additional context`,
      );
    }
  }
  if (platform !== undefined && build.platforms !== undefined && !build.platforms.includes(platform)) {
    fail(['build', 'platforms'], `service.build.platforms MUST include service.platform ${JSON.stringify(platform)}`);
  }
}

function checkReferences(name: string, service: Service, project: Project, disabled: Project['services'], fail: Report): void {
  const missing = (path: Path, kind: string, key: string | undefined, known: object | undefined): void => {
    // A file reference may lack its source: the schema of the specification does not ask for it.
    if (key === undefined) {
      fail(path, `does not say which ${kind} it means: source is missing`);
      return;
    }
    if (known !== undefined && key in known) return;
    const near = nearest(key, Object.keys(known ?? {}));
    fail(
      path,
      `service ${JSON.stringify(name)} refers to undefined ${kind} ${key}`,
      near === undefined ? undefined : `did you mean ${near}?`,
    );
  };
  if (service.network_mode !== undefined && service.networks !== undefined) {
    fail(['networks'], `service ${name} declares mutually exclusive \`network_mode\` and \`networks\``);
  }
  for (const key of Object.keys(service.networks ?? {})) missing(['networks', key], 'network', key, project.networks);
  for (const [key, { required }] of Object.entries(service.depends_on ?? {})) {
    if (key in project.services || (!required && key in disabled)) continue;
    const known = Object.keys(project.services).filter((other) => other !== name);
    const near = nearest(key, known);
    const hint = key in disabled ? `${key} is switched off: none of its profiles is active` : near && `did you mean ${near}?`;
    fail(['depends_on', key], `service ${JSON.stringify(name)} depends on undefined service ${JSON.stringify(key)}`, hint);
  }
  service.volumes?.forEach(({ type, source }, index) => {
    if (type === 'volume' && source !== undefined) missing(['volumes', index], 'volume', source, project.volumes);
  });
  service.build?.secrets?.forEach(({ source }, index) => {
    missing(['build', 'secrets', index], 'build secret', source, project.secrets);
  });
  service.configs?.forEach(({ source }, index) => {
    missing(['configs', index], 'config', source, project.configs);
  });
  service.secrets?.forEach(({ source }, index) => {
    missing(['secrets', index], 'secret', source, project.secrets);
  });
  for (const key of Object.keys(service.models ?? {})) missing(['models', key], 'model', key, project.models);
}

function checkLimits(service: Service, fail: Report): void {
  const { deploy, scale, container_name: containerName } = service;
  const limits = deploy?.resources?.limits;
  const reservations = deploy?.resources?.reservations;
  const distinct = (path: string, a: unknown, other: string, b: unknown): void => {
    if (a !== undefined && b !== undefined && a !== b) fail([path], `can't set distinct values on '${path}' and '${other}'`);
  };
  distinct('scale', scale, 'deploy.replicas', deploy?.replicas);
  if (limits !== undefined) {
    distinct('cpus', service.cpus, 'deploy.resources.limits.cpus', limits.cpus ?? 0);
    distinct('mem_limit', service.mem_limit, 'deploy.resources.limits.memory', limits.memory ?? '0');
    distinct('pids_limit', service.pids_limit, 'deploy.resources.limits.pids', limits.pids ?? 0);
  }
  if (reservations !== undefined) {
    distinct('mem_reservation', service.mem_reservation, 'deploy.resources.reservations.memory', reservations.memory ?? '0');
  }
  const replicas = scale ?? deploy?.replicas ?? 1;
  if (replicas > 1 && containerName !== undefined) {
    const attribute = scale === undefined ? 'deploy.replicas' : 'scale';
    fail(['container_name'], `can't set container_name and ${attribute} as container name must be unique`);
  }
}

function checkHealth({ healthcheck }: Service, fail: Report): void {
  const first = healthcheck?.test?.[0];
  if (first !== undefined && !['NONE', 'CMD', 'CMD-SHELL'].includes(first)) {
    fail(['healthcheck', 'test'], 'healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"');
  }
}

function checkMounts(service: Service, fail: Report): void {
  const mounts = new Map<string, string>();
  const add = (place: Path, name: string, target: string): void => {
    const known = mounts.get(target);
    if (known !== undefined) fail(place, `target ${target} already mounted as ${known}`);
    else mounts.set(target, name);
  };
  service.tmpfs?.forEach((entry, index) => {
    add(['tmpfs', index], `tmpfs[${String(index)}]`, entry.split(':', 1)[0] ?? entry);
  });
  service.volumes?.forEach(({ target }, index) => {
    add(['volumes', index], `volumes[${String(index)}]`, target);
  });
  service.configs?.forEach(({ source, target }, index) => {
    add(['configs', index], `configs[${String(index)}]`, target ?? `/${source}`);
  });
  service.secrets?.forEach(({ source, target }, index) => {
    add(['secrets', index], `secrets[${String(index)}]`, target ?? `/run/secrets/${source}`);
  });
}

function checkWatch({ develop }: Service, fail: Report): void {
  develop?.watch?.forEach(({ action, target }, index) => {
    if (action !== 'rebuild' && action !== 'restart' && target === undefined) {
      fail(['develop', 'watch', index], 'target is required for non-rebuild actions');
    }
  });
}

function checkContainerNames(project: Project, report: Report): void {
  const owners = new Map<string, string>();
  for (const [name, { container_name: containerName }] of Object.entries(project.services)) {
    if (containerName === undefined) continue;
    const owner = owners.get(containerName);
    if (owner === undefined) owners.set(containerName, name);
    else {
      const path = ['services', name, 'container_name'];
      report(path, `container name ${JSON.stringify(containerName)} is already in use by service ${owner}`);
    }
  }
}
