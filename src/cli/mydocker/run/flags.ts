import type { Command } from 'commander';

/** The flags of `run` and `create` as commander hands them over. */
export interface RunFlags {
  readonly addHost: readonly string[];
  readonly annotation: readonly string[];
  readonly attach: readonly string[];
  readonly blkioWeight?: string;
  readonly blkioWeightDevice: readonly string[];
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly cgroupParent?: string;
  readonly cgroupns?: string;
  readonly cidfile?: string;
  readonly cpuPeriod?: string;
  readonly cpuQuota?: string;
  readonly cpuRtPeriod?: string;
  readonly cpuRtRuntime?: string;
  readonly cpuShares?: string;
  readonly cpus?: string;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly detach?: boolean;
  readonly detachKeys?: string;
  readonly device: readonly string[];
  readonly deviceCgroupRule: readonly string[];
  readonly deviceReadBps: readonly string[];
  readonly deviceReadIops: readonly string[];
  readonly deviceWriteBps: readonly string[];
  readonly deviceWriteIops: readonly string[];
  readonly dns: readonly string[];
  readonly dnsOption: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly domainname?: string;
  readonly entrypoint?: string;
  readonly env: readonly string[];
  readonly envFile: readonly string[];
  readonly expose: readonly string[];
  readonly groupAdd: readonly string[];
  readonly healthCmd?: string;
  readonly healthInterval?: string;
  readonly healthRetries?: string;
  readonly healthStartInterval?: string;
  readonly healthStartPeriod?: string;
  readonly healthTimeout?: string;
  readonly healthcheck: boolean;
  readonly hostname?: string;
  readonly init?: boolean;
  readonly interactive?: boolean;
  readonly ip?: string;
  readonly ip6?: string;
  readonly ipc?: string;
  readonly label: readonly string[];
  readonly labelFile: readonly string[];
  readonly link: readonly string[];
  readonly linkLocalIp: readonly string[];
  readonly logDriver?: string;
  readonly logOpt: readonly string[];
  readonly macAddress?: string;
  readonly memory?: string;
  readonly memoryReservation?: string;
  readonly memorySwap?: string;
  readonly memorySwappiness?: string;
  readonly mount: readonly string[];
  readonly name?: string;
  readonly network: readonly string[];
  readonly networkAlias: readonly string[];
  readonly oomKillDisable?: boolean;
  readonly oomScoreAdj?: string;
  readonly pid?: string;
  readonly pidsLimit?: string;
  readonly platform?: string;
  readonly privileged?: boolean;
  readonly publish: readonly string[];
  readonly publishAll?: boolean;
  readonly pull?: string;
  readonly quiet?: boolean;
  readonly readOnly?: boolean;
  readonly restart?: string;
  readonly rm?: boolean;
  readonly runtime?: string;
  readonly securityOpt: readonly string[];
  readonly shmSize?: string;
  readonly sigProxy?: string | boolean;
  readonly stopSignal?: string;
  readonly stopTimeout?: string;
  readonly storageOpt: readonly string[];
  readonly sysctl: readonly string[];
  readonly tmpfs: readonly string[];
  readonly tty?: boolean;
  readonly ulimit: readonly string[];
  readonly user?: string;
  readonly userns?: string;
  readonly uts?: string;
  readonly volume: readonly string[];
  readonly volumesFrom: readonly string[];
  readonly workdir?: string;
}

const LISTS = `
  --add-host <host:ip>|add a line to /etc/hosts
  --annotation <key=value>|kept with the labels
  -a, --attach <stream>|attach to stdin, stdout or stderr
  --blkio-weight-device <device:weight>|I/O weight of a device
  --cap-add <capability>|add a Linux capability
  --cap-drop <capability>|drop a Linux capability
  --device <host[:container[:rwm]]>|add a device of the host
  --device-cgroup-rule <rule>|allow devices by number, e.g. "c 10:200 rwm"
  --device-read-bps <device:rate>|limit reading, bytes a second
  --device-read-iops <device:rate>|limit reading, operations a second
  --device-write-bps <device:rate>|limit writing, bytes a second
  --device-write-iops <device:rate>|limit writing, operations a second
  --dns <address>|set a DNS server
  --dns-option <option>|set an option of resolv.conf
  --dns-search <domain>|set a search domain
  -e, --env <key=value>|set an environment variable
  --env-file <file>|read environment variables from a file
  --expose <port>|expose a port
  --group-add <group>|add a supplementary group
  -l, --label <key=value>|set a label
  --label-file <file>|read labels from a file
  --link <container:alias>|another name for a container of the same network
  --link-local-ip <address>|add a link-local address
  --log-opt <key=value>|max-size, max-file
  --mount <spec>|attach a mount: type=bind|volume|tmpfs|image,source=…,target=…
  --network <network>|connect to a network; host, none, container:NAME
  --network-alias <name>|another name on the network
  -p, --publish <host:container>|publish a port
  --security-opt <option>|seccomp=FILE|unconfined, no-new-privileges, systempaths=unconfined
  --storage-opt <option>|not supported
  --sysctl <name=value>|set a kernel parameter of the container
  --tmpfs <target[:options]>|mount a tmpfs
  --ulimit <name=soft[:hard]>|set a resource limit
  -v, --volume <[source:]target[:options]>|mount a volume or a folder of the host
  --volumes-from <container>|mount what another container mounts`;

const VALUES = `
  --blkio-weight <weight>|I/O weight, 10 to 1000
  --cgroup-parent <path>|parent of the container's cgroup
  --cgroupns <mode>|cgroup namespace: private or host
  --cidfile <file>|write the container's id to a file
  --cpu-period <microseconds>|period of the CPU quota
  --cpu-quota <microseconds>|CPU time in each period
  --cpu-rt-period <microseconds>|period of real-time CPU time
  --cpu-rt-runtime <microseconds>|real-time CPU time
  -c, --cpu-shares <shares>|CPU share, 1024 by default
  --cpus <number>|number of CPUs, e.g. 1.5
  --cpuset-cpus <list>|CPUs to run on: 0-2,5
  --cpuset-mems <list>|memory nodes
  --detach-keys <keys>|keys that detach, ctrl-p,ctrl-q by default
  --domainname <name>|NIS domain name
  --entrypoint <program>|instead of the image's entrypoint
  --health-cmd <command>|command that checks health
  --health-interval <duration>|time between checks
  --health-retries <count>|failures that make it unhealthy
  --health-start-interval <duration>|time between checks during the start period
  --health-start-period <duration>|time in which failures do not count
  --health-timeout <duration>|longest time of one check
  -h, --hostname <name>|host name
  --ip <address>|IPv4 address
  --ip6 <address>|IPv6 address
  --ipc <mode>|IPC namespace: private, shareable, host, none, container:NAME
  --log-driver <driver>|json-file, local, none
  --mac-address <address>|MAC address
  -m, --memory <bytes>|limit of memory
  --memory-reservation <bytes>|memory that should be left
  --memory-swap <bytes>|limit of memory and swap together, -1 for no limit
  --memory-swappiness <number>|0 to 100
  --name <name>|name of the container
  --oom-score-adj <number>|-1000 to 1000
  --pid <mode>|PID namespace: host, container:NAME
  --pids-limit <number>|limit of processes, -1 for none
  --platform <platform>|os/architecture
  --pull <policy>|missing, never or always
  --restart <policy>|no, on-failure[:max], always, unless-stopped
  --runtime <name>|not supported
  --shm-size <bytes>|size of /dev/shm
  --stop-signal <signal>|signal that stops it
  --stop-timeout <seconds>|time from the signal to the kill
  -u, --user <user[:group]>|user, by name or number
  --userns <mode>|host
  --uts <mode>|UTS namespace: host
  -w, --workdir <folder>|working directory`;

const SWITCHES = `
  --init|run an init that forwards signals and reaps processes
  -i, --interactive|keep stdin open
  --oom-kill-disable|do not kill it when memory is out
  --privileged|all capabilities and devices
  -P, --publish-all|publish all exposed ports
  -q, --quiet|say nothing of a pull
  --read-only|mount the root file system read-only
  --rm|remove it and its anonymous volumes when it ends
  -t, --tty|with a terminal
  --no-healthcheck|without the image's health check`;

const ALIASES: readonly (readonly [string, keyof RunFlags])[] = [['--net <network>', 'network']];

/** Declares the flags that `run` and `create` share, and their arguments. */
export function defineRunFlags(command: Command): Command {
  command.argument('<image>', 'image to run').argument('[command...]', 'command and its arguments');
  for (const [flags, text] of linesOf(LISTS)) command.option(flags, text, collect, []);
  for (const [flags, text] of linesOf(VALUES)) command.option(flags, text);
  for (const [flags, text] of linesOf(SWITCHES)) command.option(flags, text);
  for (const [flags] of ALIASES) command.addOption(command.createOption(flags).hideHelp().argParser(collect).default([]));
  // What follows the image belongs to the command in the container, flags too.
  return command.passThroughOptions();
}

function linesOf(text: string): readonly [string, string][] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [flags = '', ...rest] = line.trim().split('|');
      return [flags, rest.join('|')];
    });
}

function collect(value: string, all: readonly string[]): readonly string[] {
  return [...all, value];
}

/** The flags, with those of other names folded in. */
export function runFlagsOf(command: Command): RunFlags {
  const flags = command.opts<RunFlags & { readonly net: readonly string[] }>();
  return { ...flags, network: [...flags.network, ...flags.net] };
}
