export interface UnitFacts {
  /** Absolute path of the `mydocker-compose` executable. */
  readonly program: string;
  /** Absent: the default roots. */
  readonly dataRoot?: string;
  readonly runRoot?: string;
}

/**
 * The unit that brings containers with a restart policy back at boot and stops them gently at shutdown (systemd.service(5)).
 * `KillMode=process`: the supervisors are in cgroups of their own and are not the unit's to kill.
 */
export function unitText({ program, dataRoot, runRoot }: UnitFacts): string {
  const roots = [...(dataRoot === undefined ? [] : ['--data-root', dataRoot]), ...(runRoot === undefined ? [] : ['--run-root', runRoot])];
  const command = [program, ...roots, 'autostart'].map(quote).join(' ');
  return `[Unit]
Description=Containers of mydocker that restart
Documentation=man:systemd.service(5)
Wants=network-online.target
After=network-online.target local-fs.target nftables.service firewalld.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${command} start
ExecStop=${command} stop
KillMode=process
TimeoutStartSec=infinity
TimeoutStopSec=5min

[Install]
WantedBy=multi-user.target
`;
}

/** A word of a command line in a unit: quoted, with specifiers and variables taken literally (systemd.syntax(7)). */
function quote(word: string): string {
  const literal = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./$-]+$/.test(literal) ? literal : `"${literal.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
