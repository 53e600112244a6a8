import { MydockerError } from '../errors.ts';
import type { MountSpec } from '../model/container.ts';
import type { FileObject } from '../model/project.ts';
import type { FileReference, Service } from '../model/service.ts';
import type { Desired } from './desired.ts';
import { normalTarget } from './normal-target.ts';

interface FileContext {
  readonly desired: Desired;
  readonly serviceName: string;
  readonly service: Service;
}

/** The mounts that a service's configs and secrets become. */
export function fileMounts(desired: Desired, serviceName: string, service: Service): readonly MountSpec[] {
  const { project } = desired;
  const context = { desired, serviceName, service };
  return [
    ...(service.configs ?? []).map((reference) => fileMount(context, 'config', reference, project.configs, '/')),
    ...(service.secrets ?? []).map((reference) => fileMount(context, 'secret', reference, project.secrets, '/run/secrets/')),
  ];
}

function fileMount(
  context: FileContext,
  kind: 'config' | 'secret',
  reference: FileReference,
  objects: Readonly<Record<string, FileObject>> | undefined,
  base: string,
): MountSpec {
  const object = objects?.[reference.source];
  if (object === undefined) {
    throw new MydockerError('invalid', `service refers to undefined ${kind} ${reference.source}`, where(context, `${kind}s`));
  }
  if (object.external === true) {
    throw new MydockerError(
      'unsupported',
      `${kind} ${reference.source} is external; only a cluster has external ${kind}s`,
      where(context, `${kind}s`),
    );
  }
  const wanted = reference.target === undefined || reference.target === '' ? reference.source : reference.target;
  const target = normalTarget(wanted.startsWith('/') ? wanted : base + wanted);
  if (object.file !== undefined) {
    return { type: 'bind', target, readOnly: true, source: object.file, propagation: 'rprivate', recursive: true, createSource: false };
  }
  return {
    type: 'content',
    target,
    // A copy of the container's own, made anew at each start: programs may change theirs, as with Docker.
    readOnly: context.service.read_only === true,
    content: Buffer.from(inlineContent(context, kind, reference.source, object)).toString('base64'),
    mode: Number.parseInt(reference.mode ?? '0444', 8),
    uid: Number(reference.uid ?? 0),
    gid: Number(reference.gid ?? 0),
  };
}

/** The loader has checked that the variable is set, and that there is a source: without any, `content` was empty. */
function inlineContent(context: FileContext, kind: string, name: string, object: FileObject): string {
  return object.content ?? context.desired.variableContents.get(`${kind}s/${name}`) ?? '';
}

function where(context: FileContext, key: string): { readonly resource: string } {
  return { resource: `services.${context.serviceName}.${key}` };
}
