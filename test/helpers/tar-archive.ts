export interface TarMember {
  readonly name: string;
  readonly type?: 'file' | 'directory' | 'symlink' | 'hardlink' | 'character';
  readonly content?: string | Uint8Array;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Extended attributes, written as binary pax records. */
  readonly xattrs?: Readonly<Record<string, Uint8Array>>;
}

const TYPES = { file: '0', hardlink: '1', symlink: '2', character: '3', directory: '5' } as const;
const BLOCK = 512;

/** A tar archive made byte by byte: no tool would write the hostile ones. */
export function tarArchive(members: readonly TarMember[]): Buffer {
  return Buffer.concat([...members.flatMap((member) => [...paxOf(member), ...entryOf(member)]), Buffer.alloc(2 * BLOCK)]);
}

function entryOf({ name, type = 'file', content = '', link = '', mode = 0o644, uid = 0, gid = 0 }: TarMember): Buffer[] {
  const data = Buffer.from(content);
  return [header(TYPES[type], name, { link, mode, uid, gid, size: data.length }), padded(data)];
}

function paxOf({ xattrs = {} }: TarMember): Buffer[] {
  const records = Object.entries(xattrs).map(([name, value]) => {
    const body = Buffer.concat([Buffer.from(` SCHILY.xattr.${name}=`), value, Buffer.from('\n')]);
    let length = body.length + 1;
    while (body.length + String(length).length !== length) length = body.length + String(length).length;
    return Buffer.concat([Buffer.from(String(length)), body]);
  });
  if (records.length === 0) return [];
  const data = Buffer.concat(records);
  return [header('x', 'pax', { size: data.length }), padded(data)];
}

interface Fields {
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly size: number;
}

function header(type: string, name: string, { link = '', mode = 0o644, uid = 0, gid = 0, size }: Fields): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, width: number): void => void block.write(value.toString(8).padStart(width - 1, '0'), at);
  block.write(name, 0);
  octal(mode, 100, 8);
  octal(uid, 108, 8);
  octal(gid, 116, 8);
  octal(size, 124, 12);
  octal(1_600_000_000, 136, 12);
  block.write(type, 156);
  block.write(link, 157);
  block.write('ustar\u000000', 257);
  block.fill(' ', 148, 156);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)]);
}
