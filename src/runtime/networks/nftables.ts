import type { ChildProcess } from 'node:child_process';
import { hostFault, MydockerError } from '../../errors.ts';

/** Feeds the text to `nft -f -`: one transaction, all or nothing. */
export async function applyRuleset(text: string): Promise<void> {
  const { code, output } = await runNft(text);
  if (code === 0) return;
  throw new MydockerError('host', `nft refused the rules of the networks: ${output.trim().split('\n')[0] ?? `status ${code}`}`, {
    hint: 'Published ports and isolation need nf_tables in the kernel and nftables 1.0 or later; see mydocker-compose doctor.',
  });
}

async function runNft(text: string): Promise<{ readonly code: number; readonly output: string }> {
  const { spawn } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    // Without open files to spare it has no streams, only an error.
    const child: ChildProcess = spawn('nft', ['-f', '-'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/local/sbin` },
    });
    let output = '';
    child.on('error', (cause) =>
      reject(
        hostFault(cause) ??
          new MydockerError('host', `nft cannot be run: ${cause.message}`, { cause, hint: 'Install the package nftables.' }),
      ),
    );
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
    child.stdin?.on('error', () => undefined); // told by the exit status
    child.stdin?.end(text);
  });
}
