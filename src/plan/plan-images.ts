import { imageName } from '../model/image-name.ts';
import { MydockerError } from '../errors.ts';
import { isForPlatform } from '../model/platform.ts';
import type { Image } from '../model/runtime.ts';
import type { Service } from '../model/service.ts';
import { baseServices } from './base-services.ts';
import { serviceOf } from './desired.ts';
import { wantedScale, type UpState } from './up-request.ts';

/** The operations that bring a service's images here, by service. */
export function planImages(state: UpState): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, readonly string[]>();
  const { project } = state.desired;
  const wanted = state.selected.filter((name) => wantedScale(serviceOf(project, name), state.request.scale[name]) > 0);
  const building = wanted.filter((name) => serviceOf(project, name).build !== undefined);
  const builders = Map.groupBy(building, (name) => imageName(project, name));
  const planned = new Map<string, string | undefined>();
  const imageOf = (name: string): string | undefined => {
    if (planned.has(name)) return planned.get(name);
    planned.set(name, undefined); // a circle ends here, and the build says so
    const service = serviceOf(project, name);
    const makers = service.build === undefined ? builders.get(imageName(project, name)) : undefined;
    const bases = (): readonly string[] => baseServices(project, service.build).flatMap((base) => imageOf(base) ?? []);
    const id = makers === undefined ? planImage(state, name, service, bases) : makers.map(imageOf).findLast((made) => made !== undefined);
    planned.set(name, id);
    return id;
  };
  for (const name of wanted) {
    const service = serviceOf(project, name);
    const mounted = (service.volumes ?? []).flatMap(({ type, source }) => (type === 'image' && source !== undefined ? [source] : []));
    const own = imageOf(name);
    const others = mounted.map((reference) =>
      state.observed.images.has(reference) ? undefined : pull(state, name, service, reference, 'not there'),
    );
    result.set(
      name,
      [own, ...others].filter((id) => id !== undefined),
    );
  }
  return result;
}

/** `bases` plans the images that a build of this one begins with. */
function planImage(state: UpState, name: string, service: Service, bases: () => readonly string[]): string | undefined {
  const { request, observed, desired } = state;
  const reference = imageName(desired.project, name);
  const image = observed.images.get(reference);
  const fits = image === undefined || service.platform === undefined || service.platform === '' || isForPlatform(image, service.platform);
  const here = image !== undefined && fits;
  if (here && request.build === 'done') return undefined;
  const policy = request.pull ?? service.pull_policy ?? 'missing';
  if (service.build !== undefined) {
    if (request.build === 'never') {
      if (!here) throw notHere(name, reference, 'and --no-build forbids to build it');
      return undefined;
    }
    if (request.build === 'always' || policy === 'build') return build(state, name, reference, 'asked for', bases());
    if (here) return undefined;
    return build(state, name, reference, 'not there', bases());
  }
  if (policy === 'never') {
    if (!fits) throw notHere(name, reference, `for the platform ${service.platform ?? ''}, and pull_policy is never`);
    if (!here) throw notHere(name, reference, 'and pull_policy is never');
    return undefined;
  }
  if (policy === 'always' || policy === 'refresh') return pull(state, name, service, reference, `pull policy ${policy}`);
  if (here && isDue(policy, image, observed.at))
    return pull(state, name, service, reference, `pull policy ${policy}, last pulled ${image.namedAt ?? 'never'}`);
  return here ? undefined : pull(state, name, service, reference, 'not there');
}

const AGES: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3, w: 604_800e3 };

/** `daily`, `weekly` or `every_12h`: whether the image got its name longer ago than that. */
function isDue(policy: string, { namedAt = '' }: Image, now: number): boolean {
  const age = { daily: '1d', weekly: '1w' }[policy] ?? /^every_(.+)$/.exec(policy)?.[1];
  if (age === undefined) return false;
  const milliseconds = [...age.matchAll(/(\d+)([wdhms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (AGES[unit ?? ''] ?? 0),
    0,
  );
  return !(Date.parse(namedAt) + milliseconds > now);
}

function build({ list }: UpState, service: string, reference: string, cause: string, needs: readonly string[]): string {
  return list.add('build-image', { resource: `image ${reference}`, cause, service, reference, needs });
}

function pull({ list }: UpState, name: string, service: Service, reference: string, cause: string): string {
  return list.add('pull-image', {
    resource: `image ${reference}`,
    cause,
    service: name,
    reference,
    platform: service.platform ?? '',
    optional: false,
  });
}

function notHere(service: string, reference: string, why: string): MydockerError {
  return new MydockerError('not-found', `image ${reference} is not here ${why}`, {
    resource: `services.${service}.image`,
    hint: 'import or load it with `mydocker import` or `mydocker load`',
  });
}
