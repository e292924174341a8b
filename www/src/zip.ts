/** Writes ZIP archives without compression: what a browser needs to hand over several text files as one. */

/** A file of an archive. */
export interface ZipFile {
  readonly name: string;
  readonly text: string;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
/** Names are UTF-8. */
const FLAGS = 0x0800;
/** 1 January 1980, the first day that ZIP knows: the same files give the same bytes. */
const DATE = 0x0021;

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}

/** Little-endian numbers, each with its size in bytes. */
function numbers(...fields: readonly (readonly [size: 2 | 4, value: number])[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}

/** A name that stays inside the folder that one unpacks into; names come from links of other people too. */
function safeName(name: string, taken: ReadonlySet<string>): string {
  const parts = name.split(/[\\/]/).filter((part) => part !== '' && part !== '.' && part !== '..');
  const safe = parts.join('/').replace(/[\u0000-\u001f\u007f:]/g, '_') || 'world.yaml';
  const dot = safe.lastIndexOf('.');
  const [stem, end] = dot > 0 ? [safe.slice(0, dot), safe.slice(dot)] : [safe, ''];
  let unique = safe;
  for (let n = 2; taken.has(unique); n++) unique = `${stem}-${n}${end}`;
  return unique;
}

/** The archive of these files. */
export function zip(files: readonly ZipFile[]): Blob {
  const encoder = new TextEncoder();
  const taken = new Set<string>();
  const bodies: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const file of files) {
    const safe = safeName(file.name, taken);
    taken.add(safe);
    const name = encoder.encode(safe);
    const data = encoder.encode(file.text);
    const common = [
      [2, FLAGS],
      [2, 0], // stored
      [2, 0], // midnight
      [2, DATE],
      [4, crc32(data)],
      [4, data.length],
      [4, data.length],
      [2, name.length],
      [2, 0], // no extra field
    ] as const;
    const local = numbers([4, LOCAL], [2, VERSION], ...common);
    bodies.push(local, name, data);
    // No comment, first disk, no attributes.
    directory.push(
      numbers([4, CENTRAL], [2, VERSION], [2, VERSION], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]),
      name,
    );
    offset += local.length + name.length + data.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const { length } = files;
  const end = numbers([4, END], [2, 0], [2, 0], [2, length], [2, length], [4, size], [4, offset], [2, 0]);
  return new Blob([...bodies, ...directory, end], { type: 'application/zip' });
}
