/**
 * Links that carry a whole world and the way one looks at it, in the fragment, so that no server ever sees them.
 *
 * `1.` and then base64url of deflate-raw of JSON. The number is the version of what is inside: a reader keeps reading
 * every version it ever wrote (`tests/fixtures/links` holds one of each).
 */
import type { Environment } from './types.js';

/** A file as a link holds it. */
export interface LinkFile {
  readonly name: string;
  readonly text: string;
  readonly zone: string;
  readonly environment: '' | Environment;
}

/** What a link holds. Everything but the files may be missing. */
export interface LinkState {
  readonly files: readonly LinkFile[];
  readonly active?: number;
  readonly view?: string;
  readonly zone?: string;
  readonly proxy?: string;
  readonly mode?: string;
  readonly selected?: string;
  readonly requests?: readonly LinkRequest[];
  readonly migration?: LinkDecisions;
}

/** What was decided about a migration. */
export interface LinkDecisions {
  readonly via: string;
  /** By mesh and service with a slash between. */
  readonly choices: Readonly<Record<string, string>>;
}

/** A request that was tried. */
export interface LinkRequest {
  readonly from: string;
  readonly zone: string;
  readonly to: string;
  readonly method: string;
  readonly path: string;
  readonly headers: string;
  /** Where it has to land, when it is kept as a check. */
  readonly expect?: string;
}

const VERSION = '1.';
/** What a link may unpack to, in bytes; files from disk may be as large. */
const MAX_TEXT = 8 * 1024 * 1024;
const MAX_FILES = 200;
const MAX_REQUESTS = 12;
const MAX_NAME = 20_000;
/** How much is unpacked at once: deflate makes at most 1,032 bytes of one. */
const STEP = 4096;

/** The fragment (without `#`) for a state. */
export async function toLink(state: LinkState): Promise<string> {
  const wire: Wire = {
    f: state.files.map(({ name, text, zone, environment }) => [name, text, zone, environment]),
    ...(state.active ? { a: state.active } : {}),
    ...(state.view ? { v: state.view } : {}),
    ...(state.zone ? { z: state.zone } : {}),
    ...(state.proxy ? { p: state.proxy } : {}),
    ...(state.mode ? { m: state.mode } : {}),
    ...(state.selected ? { s: state.selected } : {}),
    ...(state.requests?.length
      ? { r: state.requests.map((r) => [r.from, r.zone, r.to, r.method, r.path, r.headers, r.expect ?? '']) }
      : {}),
    ...(state.migration ? { d: [state.migration.via, Object.entries(state.migration.choices)] } : {}),
  };
  const bytes = await pipe(new TextEncoder().encode(JSON.stringify(wire)), new CompressionStream('deflate-raw'));
  return VERSION + toBase64Url(bytes);
}

/** The state of a fragment; undefined when it is no link of ours or cannot be read. */
export async function fromLink(fragment: string): Promise<LinkState | undefined> {
  if (!fragment.startsWith(VERSION)) return undefined;
  try {
    const bytes = await pipe(fromBase64Url(fragment.slice(VERSION.length)), new DecompressionStream('deflate-raw'));
    return fromWire(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return undefined;
  }
}

/** The version of what a fragment holds, if it looks like a link, readable or not. */
export function linkVersion(fragment: string): number | undefined {
  const version = /^(\d{1,6})\./.exec(fragment)?.[1];
  return version === undefined ? undefined : Number(version);
}

interface Wire {
  f: [name: string, text: string, zone: string, environment: string][];
  a?: number;
  v?: string;
  z?: string;
  p?: string;
  m?: string;
  s?: string;
  r?: string[][];
  d?: [via: string, choices: [service: string, choice: string][]];
}

/** Anyone can write a link: nothing of it is taken unseen. */
function fromWire(wire: unknown): LinkState | undefined {
  if (typeof wire !== 'object' || wire === null || !('f' in wire) || !Array.isArray(wire.f)) return undefined;
  const fields = new Map<string, unknown>(Object.entries(wire));
  const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, MAX_NAME) : '');
  const files = wire.f.filter(Array.isArray).map((file: unknown[]): LinkFile => ({
    name: text(file[0]) || 'world.yaml',
    text: typeof file[1] === 'string' ? file[1] : '',
    zone: text(file[2]),
    environment: toEnvironment(text(file[3])),
  }));
  if (files.length === 0 || files.length > MAX_FILES) return undefined;
  const active = fields.get('a');
  const requests = fields.get('r');
  const decisions = fields.get('d');
  return {
    files,
    active: typeof active === 'number' && Number.isInteger(active) && active in files ? active : 0,
    view: text(fields.get('v')),
    zone: text(fields.get('z')),
    proxy: text(fields.get('p')),
    mode: text(fields.get('m')),
    selected: text(fields.get('s')),
    requests: (Array.isArray(requests) ? requests : [])
      .slice(0, MAX_REQUESTS)
      .filter(Array.isArray)
      .map((r: unknown[]): LinkRequest => ({
        from: text(r[0]),
        zone: text(r[1]),
        to: text(r[2]),
        method: text(r[3]),
        path: text(r[4]),
        headers: text(r[5]),
        ...(text(r[6]) ? { expect: text(r[6]) } : {}),
      })),
    ...(Array.isArray(decisions) ? { migration: fromDecisions(decisions, text) } : {}),
  };
}

function fromDecisions([via, choices]: unknown[], text: (value: unknown) => string): LinkDecisions {
  const pairs = (Array.isArray(choices) ? choices : []).filter(Array.isArray);
  return {
    via: text(via),
    choices: Object.fromEntries(pairs.map((pair: unknown[]) => [text(pair[0]), text(pair[1])])),
  };
}

/** A control plane's environment by its name; empty, which means either, for anything else. */
export function toEnvironment(text: string | undefined): '' | Environment {
  return text === 'kubernetes' || text === 'universal' ? text : '';
}

async function pipe(
  bytes: Uint8Array<ArrayBuffer>,
  through: ReadableWritablePair<Uint8Array<ArrayBuffer>, BufferSource>,
): Promise<Uint8Array<ArrayBuffer>> {
  let given = 0;
  // In small steps, so that what is too large is noticed before all of it is there.
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (given >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(given, given + STEP));
      given += STEP;
    },
  });
  const reader = source.pipeThrough(through).getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > MAX_TEXT) {
      await reader.cancel();
      throw new RangeError('the link is too large');
    }
    parts.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
