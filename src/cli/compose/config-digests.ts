import { MydockerError } from '../../errors.ts';
import type { Project } from '../../model/project.ts';
import type { ImageStore } from '../../model/runtime.ts';

/** Every image by digest, as the local store knows it. */
export async function pinImages(project: Project, images: ImageStore): Promise<Project> {
  const services = await Promise.all(
    Object.entries(project.services).map(async ([name, service]) => {
      if (service.image === undefined || service.image.includes('@')) return [name, service] as const;
      return [name, { ...service, image: await pin(name, service.image, images) }] as const;
    }),
  );
  return { ...project, services: Object.fromEntries(services) };
}

async function pin(service: string, reference: string, images: ImageStore): Promise<string> {
  const image = await images.get(reference);
  const digest = image?.digests[0]?.split('@').at(-1);
  if (digest !== undefined) return `${fullName(reference)}@${digest}`;
  const reason = image === undefined ? 'it is not in the local store' : 'it was not pulled from a registry, so it has no digest there';
  throw new MydockerError('not-found', `no digest for image ${reference}: ${reason}`, {
    resource: `services.${service}.image`,
    hint: 'pull it first',
  });
}

/** `nginx:1` as `docker.io/library/nginx:1`. */
function fullName(reference: string): string {
  const slash = reference.indexOf('/');
  const first = slash === -1 ? '' : reference.slice(0, slash);
  const hasRegistry = first.includes('.') || first.includes(':') || first === 'localhost';
  const name = hasRegistry ? reference : `docker.io/${slash === -1 ? 'library/' : ''}${reference}`;
  return name.slice(name.lastIndexOf('/')).includes(':') ? name : `${name}:latest`;
}

/** An override file that holds the images alone. */
export function lockFile({ services }: Project): unknown {
  return { services: Object.fromEntries(Object.entries(services).map(([name, { image }]) => [name, { image }])) };
}
