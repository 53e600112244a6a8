import type { ContainerConfig, NamespaceMode } from '../../model/container.ts';
import type { Fields } from '../core/frame.ts';
import { checkedSignal } from '../../model/signals.ts';
import { capabilityFields } from './capabilities.ts';
import { planCgroups, type CgroupFacts } from './cgroup-plan.ts';
import { defaultMounts, MASKED_PATHS, READONLY_PATHS, type MountRequest } from './default-mounts.ts';
import { deviceRules, type DeviceNode } from './device-rules.ts';
import { eventFields } from './event-fields.ts';
import { healthFields } from './health-fields.ts';
import type { AppArmorChoice } from './load-apparmor.ts';
import { rlimitFields } from './rlimit-fields.ts';
import { userMounts, type MountSources } from './user-mounts.ts';

/** What of the host the request depends on; gathered by `launch-facts.ts`. */
export interface LaunchFacts {
  readonly paths: { readonly data: string; readonly run: string; readonly eventLog: string };
  readonly cgroups: CgroupFacts;
  readonly sources: MountSources;
  readonly devices: readonly DeviceNode[];
  /** `/proc/PID/ns/KIND|START` of the containers whose namespaces are joined. */
  readonly namespaces: Readonly<Partial<Record<'network' | 'pid' | 'ipc' | 'uts' | 'cgroup', string>>>;
  /** The compiled filter; absent for none. */
  readonly seccompFile?: string;
  readonly appArmor: AppArmorChoice;
  /** hosts, hostname, resolv.conf. */
  readonly networkMounts: readonly MountRequest[];
  /** `net.*` and `dns.*`. */
  readonly networkFields: Fields;
  readonly attach?: AttachWish;
  /** `PATH`, `HOSTNAME`, `TERM` where the config does not have them. */
  readonly shell: readonly string[];
}
export interface AttachWish {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly detachKeys: string;
  readonly sigProxy: boolean;
}

export interface LaunchRequest {
  readonly fields: Fields;
  readonly warnings: readonly string[];
}

/** A container's config as the flat request the core executes: op `start` of PROTOCOL.md. */
export function launchRequest(config: ContainerConfig, facts: LaunchFacts): LaunchRequest {
  const cgroups = planCgroups(config, facts.cgroups);
  const fields: Fields = [
    ...identityFields(config, facts),
    ...cgroupFields(config, facts, cgroups),
    ...namespaceFields(config, facts),
    ...rootFields(config, facts),
    ...deviceFields(config, facts),
    ...sealFields(config),
    ...processFields(config),
    ...privilegeFields(config, facts),
    ...stdioFields(config, facts),
    ...policyFields(config),
    ...healthFields(config.healthcheck, facts.shell),
    ...facts.networkFields,
  ];
  return { fields, warnings: [...cgroups.warnings, ...(facts.appArmor.warning === undefined ? [] : [facts.appArmor.warning])] };
}

function flag(value: boolean): string {
  return value ? '1' : '0';
}
function list(key: string, values: readonly string[]): Fields {
  return values.map((value) => [key, value] as const);
}
function optional(key: string, value: string | undefined): Fields {
  return value === undefined || value === '' ? [] : [[key, value]];
}

function identityFields(config: ContainerConfig, { paths }: LaunchFacts): Fields {
  return [
    ['name', config.name],
    ['run_dir', paths.run],
    ['data_dir', paths.data],
    ...eventFields(config, paths.eventLog),
    ['auto_remove_hint', flag(config.autoRemove)],
  ];
}

function cgroupFields(config: ContainerConfig, { devices }: LaunchFacts, plan: ReturnType<typeof planCgroups>): Fields {
  return [
    ...list('cgroup', plan.folders),
    ...list('cgroup.write', plan.writes),
    ...list('cgroup.procs', plan.procs),
    ...optional('cgroup.freeze', plan.freeze),
    ...optional('cgroup.kill', plan.kill),
    ...optional('cgroup.oom', plan.oom),
    ...optional('device.cgroup1', plan.deviceFolder.v1),
    ...optional('device.cgroup2', plan.deviceFolder.v2),
    ...list('device', deviceRules(config, devices)),
  ];
}

function namespaceFields({ namespaces, hostname, domainname }: ContainerConfig, facts: LaunchFacts): Fields {
  const value = (kind: keyof LaunchFacts['namespaces'], mode: NamespaceMode): string =>
    facts.namespaces[kind] ?? (mode.kind === 'host' ? 'host' : 'new');
  const uts = value('uts', namespaces.uts);
  return [
    ['ns.mnt', 'new'],
    ['ns.pid', value('pid', namespaces.pid)],
    ['ns.uts', uts],
    ['ns.ipc', value('ipc', namespaces.ipc)],
    ['ns.net', value('network', namespaces.network)],
    ['ns.cgroup', value('cgroup', namespaces.cgroup)],
    ...(uts === 'new' ? [...optional('hostname', hostname), ...optional('domainname', domainname)] : []),
  ];
}

function rootFields(config: ContainerConfig, { paths, sources, networkMounts, cgroups, namespaces }: LaunchFacts): Fields {
  const taken = new Set(config.mounts.map(({ target }) => target));
  // Who mounts all cgroups gets none of ours below them.
  const isOurs = ({ target }: MountRequest): boolean =>
    !taken.has(target) && !(taken.has('/sys/fs/cgroup') && target.startsWith('/sys/fs/cgroup/'));
  const { mounts, contents } = userMounts(config, sources, networkMounts.filter(isOurs));
  const ours = defaultMounts(config, cgroups.host, namespaces.ipc).filter(isOurs);
  return [
    ...list('lower', sources.layerFolders(config.image.layers)),
    ['upper', `${paths.data}/diff`],
    ['work', `${paths.data}/work`],
    ['rootfs_readonly', flag(config.readonlyRootfs)],
    ...[...ours, ...mounts].flatMap(mountFields),
    ...contents.flatMap((content): Fields => [
      ['content', content.target],
      ['content.data', content.content],
      ['content.mode', content.mode.toString(8)],
      ['content.uid', String(content.uid)],
      ['content.gid', String(content.gid)],
      ['content.readonly', flag(content.readOnly)],
    ]),
  ];
}

function mountFields({ type, source, target, options, create, subpath, namespace, hostNetwork = false, lower = [] }: MountRequest): Fields {
  return [
    ['mount', type],
    ...optional('mount.source', source),
    ...optional('mount.subpath', subpath),
    ...optional('mount.namespace', namespace),
    ['mount.target', target],
    ...optional('mount.options', options.join(',')),
    ...optional('mount.create', create),
    ...(hostNetwork ? [['mount.host_network', '1'] as const] : []),
    ...list('mount.lower', lower),
  ];
}

function deviceFields({ security }: ContainerConfig, { devices }: LaunchFacts): Fields {
  return [
    ...devices.flatMap((node): Fields => [
      ['node', ''],
      ['node.path', node.containerPath],
      ['node.type', node.type],
      ['node.major', String(node.major)],
      ['node.minor', String(node.minor)],
      ['node.mode', node.mode.toString(8)],
      ['node.uid', String(node.uid)],
      ['node.gid', String(node.gid)],
    ]),
    ['dev_host', flag(security.privileged)],
  ];
}

function sealFields({ security, sysctls, namespaces }: ContainerConfig): Fields {
  const masked = security.maskSystemPaths && !security.privileged;
  // In the host's pid namespace /proc/sys and the rest are the host's own: sealed all the same.
  return [
    ...(masked ? [...list('mask', MASKED_PATHS), ...list('readonly_path', READONLY_PATHS)] : []),
    ...Object.entries(defaultSysctls(namespaces.network, security.privileged, sysctls)).map(
      ([name, value]) => ['sysctl', `${name}=${value}`] as const,
    ),
  ];
}

/** As Docker: unprivileged processes may ping and bind low ports in a network namespace of their own. */
function defaultSysctls(network: NamespaceMode, privileged: boolean, wished: Readonly<Record<string, string>>): Record<string, string> {
  const own = network.kind === 'private' || network.kind === 'none';
  return {
    ...(own && !privileged ? { 'net.ipv4.ip_unprivileged_port_start': '0', 'net.ipv4.ping_group_range': '0 2147483647' } : {}),
    ...wished,
  };
}

function processFields({
  process: { user, groupAdd, cwd, env, args, ulimits, oomScoreAdj, tty },
  hostname,
  init,
}: ContainerConfig): Fields {
  const names = new Set(env.map((entry) => entry.slice(0, entry.indexOf('='))));
  const added = [
    ...(names.has('PATH') ? [] : ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']),
    ...(names.has('HOSTNAME') || hostname === '' ? [] : [`HOSTNAME=${hostname}`]),
    ...(tty && !names.has('TERM') ? ['TERM=xterm'] : []),
  ];
  return [
    ...rlimitFields(ulimits),
    ...(oomScoreAdj === 0 ? [] : [['oom_score_adj', String(oomScoreAdj)] as const]),
    ['user', user],
    ...list('group', groupAdd),
    ['cwd', cwd === '' ? '/' : cwd],
    ...list('env', [...added, ...env]),
    ...list('arg', args),
    ['umask', '022'],
    ['init', flag(init)],
  ];
}

function privilegeFields({ security }: ContainerConfig, { seccompFile, appArmor }: LaunchFacts): Fields {
  return [
    ...capabilityFields(security),
    ['no_new_privs', flag(security.noNewPrivileges)],
    ...optional('seccomp', seccompFile),
    ...optional('apparmor', appArmor.profile),
  ];
}

function stdioFields({ process: { tty, stdinOpen, stdinOnce }, log }: ContainerConfig, { paths, attach }: LaunchFacts): Fields {
  return [
    ['tty', flag(tty)],
    ['stdin', stdinOpen ? (stdinOnce ? 'once' : 'open') : 'closed'],
    ['log', log.driver === 'none' ? 'none' : 'json-file'],
    ...(log.driver === 'none'
      ? []
      : ([
          ['log.path', `${paths.data}/log.json`],
          ['log.max_size', String(log.maxSize)],
          ['log.max_file', String(log.maxFile)],
        ] as const)),
    ...(attach === undefined
      ? []
      : ([
          ['attach', '1'],
          ['attach.stdin', flag(attach.stdin)],
          ['attach.stdout', flag(attach.stdout)],
          ['attach.stderr', flag(attach.stderr)],
          ['attach.detach_keys', attach.detachKeys],
          ['attach.sig_proxy', flag(attach.sigProxy)],
        ] as const)),
  ];
}

function policyFields({ restart, stop }: ContainerConfig): Fields {
  return [
    ['restart', restartText(restart)],
    ['restart.on_unhealthy', flag(restart.onUnhealthy ?? false)],
    ['stop.signal', String(checkedSignal(stop.signal))],
    ['stop.timeout', stop.timeout < 0 ? '-1' : String(stop.timeout * 1000)],
  ];
}

/** `no`, `always`, `on-failure:3`, `unless-stopped`. */
export function restartText({ name, maximumRetryCount }: ContainerConfig['restart']): string {
  return name === 'on-failure' && maximumRetryCount > 0 ? `on-failure:${String(maximumRetryCount)}` : name;
}
