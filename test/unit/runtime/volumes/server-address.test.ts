import { expect, test } from 'bun:test';
import { withServerAddress } from '../../../../src/runtime/volumes/server-address.ts';

const find = (name: string) =>
  Promise.resolve([
    { address: '2001:db8::7', family: 6 },
    { address: name === 'nas.example' ? '192.0.2.5' : '192.0.2.99', family: 4 },
  ]);

// type, device, o -> options of the mount
const table: readonly (readonly [string, string, string, string])[] = [
  ['nfs', ':/export', 'addr=192.0.2.1,nolock', 'nolock,addr=192.0.2.1'],
  ['nfs', ':/export', 'nolock,addr=nas.example', 'nolock,addr=192.0.2.5'],
  ['nfs4', '192.0.2.1:/export', 'ro', 'ro,addr=192.0.2.1'],
  ['nfs', '[2001:db8::1]:/export', '', 'addr=2001:db8::1'],
  ['nfs', 'nas.example:/export', 'addr=192.0.2.7', 'addr=192.0.2.7'],
  ['nfs', ':/export', 'nolock', 'nolock'],
  ['cifs', '//nas.example/share', 'username=me', 'username=me,addr=192.0.2.5'],
  ['cifs', '//192.0.2.1/share/deep', '', 'addr=192.0.2.1'],
  ['ext4', '/dev/sdb1', 'noatime', 'noatime'],
  ['tmpfs', 'tmpfs', 'addr=no.such.server', 'addr=no.such.server'],
];

for (const [type, source, options, expected] of table) {
  test(`${type} ${source} with ${options === '' ? 'no options' : options}`, async () => {
    const access = await withServerAddress({ kind: 'mount', type, source, options: options.split(',').filter(Boolean) }, 'data', find);
    expect(access.options.join(',')).toBe(expected);
    expect({ type: access.type, source: access.source }).toEqual({ type, source });
  });
}

test('a server without an address is told with the volume', async () => {
  const access = { kind: 'mount', type: 'nfs', source: 'nas.invalid:/export', options: [] } as const;
  await expect(withServerAddress(access, 'data')).rejects.toThrow('volume data: the server nas.invalid has no address');
});
