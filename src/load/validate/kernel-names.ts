/** Names the Linux kernel knows, as compose files write them. */
const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export const CAPABILITIES = words(`
  AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID
  IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW
  PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE
  SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM
`);

export const LIMITS = words(`
  as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack
`);

const SIGNALS = words(`
  HUP INT QUIT ILL TRAP ABRT IOT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CLD CONT STOP TSTP TTIN TTOU URG XCPU
  XFSZ VTALRM PROF WINCH IO POLL PWR SYS
`);

/** `SIGTERM`, `term`, `15`, `RTMIN+3`. */
export function isSignal(text: string): boolean {
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= 64;
  const name = text.toUpperCase().replace(/^SIG/, '');
  return SIGNALS.has(name) || /^RTMIN(\+([0-9]|[12][0-9]|30))?$/.test(name) || /^RTMAX(-([0-9]|[12][0-9]|30))?$/.test(name);
}
