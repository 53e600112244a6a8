import type { Project } from '../../model/project.ts';
import type { Service, ServiceVolume } from '../../model/service.ts';
import type { Report } from './check-consistency.ts';

const PROPAGATIONS = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];

/** Mounts of a service that no container could be given. */
export function checkVolumes({ volumes }: Service, fail: Report): void {
  volumes?.forEach((volume, index) => {
    checkVolume(volume, (message, hint) => {
      fail(['volumes', index], message, hint);
    });
  });
}

function checkVolume({ type, source, bind, volume }: ServiceVolume, fail: (message: string, hint: string) => void): void {
  if (bind?.propagation !== undefined && bind.propagation !== '' && !PROPAGATIONS.includes(bind.propagation)) {
    fail(`invalid propagation mode: ${bind.propagation}`, `use one of ${PROPAGATIONS.join(', ')}`);
  }
  if (type === 'tmpfs' && source !== undefined && source !== '') {
    fail(`a tmpfs has no source, but ${JSON.stringify(source)} is given`, 'take `source` away, or mean `type: volume`');
  }
  if (type === 'bind' && volume?.nocopy === true) fail('a bind mount has no `volume` options', 'take `volume` away, or set `type: volume`');
}

/** Configs and secrets of a service that no container could be given; `variables` has the contents of those whose variable is set. */
export function checkFiles(service: Service, project: Project, variables: ReadonlyMap<string, string>, fail: Report): void {
  for (const kind of ['config', 'secret'] as const) {
    service[`${kind}s`]?.forEach(({ source }, index) => {
      const object = project[`${kind}s`]?.[source];
      const place = [`${kind}s`, index];
      if (object === undefined) return;
      const { external, environment: variable } = object;
      if (external === true) {
        fail(place, `${kind} ${source} is external: only a cluster has external ${kind}s`, 'use `file`, or `environment`');
      } else if (variable !== undefined && !variables.has(`${kind}s/${source}`)) {
        const message = `environment variable ${JSON.stringify(variable)} required by ${kind} ${JSON.stringify(source)} is not set`;
        fail(place, message, `set ${variable}`);
      }
      for (const key of ['driver', 'template_driver'] as const) {
        if (object[key] !== undefined) fail(place, `${kind}s.${source}.${key} is not supported`, `take \`${key}\` away`);
      }
    });
  }
}

/** An empty `name` does not survive the way into the model. */
export function checkNames(project: Project, report: Report): void {
  for (const kind of ['volumes', 'networks'] as const) {
    for (const [key, object] of Object.entries<{ readonly name?: string }>(project[kind] ?? {})) {
      if (object.name === undefined || object.name === '')
        report([kind, key, 'name'], 'the name is empty', 'leave `name` away, or write one');
    }
  }
}
