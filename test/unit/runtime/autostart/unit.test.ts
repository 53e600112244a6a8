import { expect, test } from 'bun:test';
import { unitText } from '../../../../src/runtime/autostart/unit.ts';

function line(text: string, key: string): string | undefined {
  return text.split('\n').find((one) => one.startsWith(`${key}=`));
}

test('the unit calls the program it was made by', () => {
  const text = unitText({ program: '/usr/local/bin/mydocker-compose' });
  expect(line(text, 'ExecStart')).toBe('ExecStart=/usr/local/bin/mydocker-compose autostart start');
  expect(line(text, 'ExecStop')).toBe('ExecStop=/usr/local/bin/mydocker-compose autostart stop');
});

test('roots of its own are passed on, quoted so that systemd takes them literally', () => {
  const text = unitText({ program: '/opt/my tools/compose', dataRoot: '/srv/100%/$HOME' });
  expect(line(text, 'ExecStart')).toBe('ExecStart="/opt/my tools/compose" --data-root /srv/100%%/$$HOME autostart start');
});
