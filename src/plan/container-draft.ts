import { MydockerError } from '../errors.ts';
import { LABELS, COMPOSE_VERSION } from '../model/compose-labels.ts';
import type { RestartPolicy, StopSpec } from '../model/container.ts';
import type { Container, ContainerDraft, Image } from '../model/runtime.ts';
import { imageName } from '../model/image-name.ts';
import type { Service } from '../model/service.ts';
import { goDurationToMs } from '../util/go-duration.ts';
import type { Desired } from './desired.ts';
import { contentLabel } from './contents.ts';
import { draftHealthcheck } from './draft-healthcheck.ts';
import { draftLog } from './draft-log.ts';
import { draftMounts } from './draft-mounts.ts';
import { draftNamespaces } from './draft-namespaces.ts';
import { draftNetwork } from './draft-network.ts';
import { draftProcess } from './draft-process.ts';
import { draftDevices, draftResources } from './draft-resources.ts';
import { dependsOnLabel } from './label-changes.ts';
import { draftSecurity } from './draft-security.ts';

/** Everything that turns one replica of a service into a container. */
export interface DraftContext {
  readonly desired: Desired;
  readonly serviceName: string;
  readonly service: Service;
  readonly number: number;
  readonly name: string;
  readonly hash: string;
  readonly image: Image;
  readonly oneOff: boolean;
  /** Other images that are mounted, by reference. */
  readonly images: ReadonlyMap<string, Image>;
  /** Containers of another service of the project, lowest number first. */
  containersOf(service: string): readonly Container[];
  /** A container outside of the project's services, by name or id. */
  containerNamed(reference: string): Container | undefined;
  /** Anonymous volumes of the container that this one replaces, by target. */
  readonly carriedVolumes: ReadonlyMap<string, string>;
}

/** What the runtime has to make; pure, so that the same words always give the same container. */
export function containerDraft(context: DraftContext): ContainerDraft {
  const { service, image, serviceName } = context;
  const healthcheck = draftHealthcheck(service.healthcheck, image.config.healthcheck);
  return {
    name: context.name,
    image: { reference: imageName(context.desired.project, serviceName), id: image.id, layers: image.layers },
    labels: draftLabels(context),
    process: draftProcess(serviceName, service, image.config, context.desired.proxies),
    hostname: service.hostname ?? '',
    domainname: service.domainname ?? '',
    namespaces: draftNamespaces(context),
    mounts: draftMounts(context),
    readonlyRootfs: service.read_only ?? false,
    security: draftSecurity(context),
    resources: draftResources(service),
    sysctls: service.sysctls ?? {},
    devices: draftDevices(service),
    shmSize: service.shm_size === undefined ? 64 * 2 ** 20 : Number(service.shm_size),
    init: service.init ?? false,
    restart: draftRestart(service),
    stop: draftStop(service, image),
    log: draftLog(serviceName, service),
    ...(healthcheck === undefined ? {} : { healthcheck }),
    network: draftNetwork(context),
    autoRemove: false,
  };
}

function draftLabels({ desired, service, serviceName, number, oneOff, hash, image }: DraftContext): Readonly<Record<string, string>> {
  return {
    ...image.config.labels,
    ...service.labels,
    [LABELS.project]: desired.project.name,
    [LABELS.service]: serviceName,
    [LABELS.oneoff]: oneOff ? 'True' : 'False',
    ...(oneOff ? {} : { [LABELS.containerNumber]: String(number) }),
    [LABELS.configHash]: hash,
    [LABELS.dependsOn]: dependsOnLabel(service),
    [LABELS.image]: image.id,
    [LABELS.version]: COMPOSE_VERSION,
    [LABELS.configFiles]: desired.configFiles.join(','),
    [LABELS.workingDir]: desired.workingDir,
    ...contentLabel(desired, serviceName, service),
  };
}

const NO_RESTART: RestartPolicy = { name: 'no', maximumRetryCount: 0 };

function draftRestart(service: Service): RestartPolicy {
  const policy = restartOf(service);
  const extension = service['x-mydocker'];
  const heals =
    typeof extension === 'object' && extension !== null && 'restart_on_unhealthy' in extension && extension.restart_on_unhealthy === true;
  return heals ? { ...policy, onUnhealthy: true } : policy;
}

/** `deploy.restart_policy` replaces `restart` as a whole. */
function restartOf({ restart, deploy }: Service): RestartPolicy {
  const policy = deploy?.restart_policy;
  if (policy !== undefined) return deployRestart(policy);
  if (restart !== undefined && restart !== '') {
    const [name = '', count] = restart.split(':');
    if (name === 'always' || name === 'unless-stopped' || name === 'on-failure') {
      return { name, maximumRetryCount: count === undefined ? 0 : Number(count) };
    }
    return NO_RESTART;
  }
  return NO_RESTART;
}

function deployRestart({
  condition,
  max_attempts: attempts = 0,
}: NonNullable<NonNullable<Service['deploy']>['restart_policy']>): RestartPolicy {
  switch (condition) {
    case 'on-failure':
      return { name: 'on-failure', maximumRetryCount: attempts };
    case 'unless-stopped':
      return { name: 'unless-stopped', maximumRetryCount: 0 };
    case 'any':
    case 'always':
      return { name: 'always', maximumRetryCount: 0 };
    default:
      return NO_RESTART;
  }
}

function draftStop(service: Service, image: Image): StopSpec {
  const grace = service.stop_grace_period === undefined ? 10_000 : goDurationToMs(service.stop_grace_period);
  if (grace === undefined) throw new MydockerError('invalid', `stop_grace_period: ${service.stop_grace_period ?? ''} is no duration`);
  const signal = service.stop_signal ?? (image.config.stopSignal === '' ? 'SIGTERM' : image.config.stopSignal);
  return { signal, timeout: grace / 1000 };
}
