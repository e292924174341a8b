/** From what is named on the command line to texts: files, folders, globs, standard input, each with its zone. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { Usage } from './command.js';

/** A text to evaluate. */
export interface Input {
  /** The path as it is shown: relative, with forward slashes. */
  readonly name: string;
  readonly text: string;
  readonly zone: string | undefined;
}

const YAML = /\.(ya?ml|json)$/i;
const ZONE_PREFIX = /^([a-z0-9](?:[-a-z0-9]*[a-z0-9]))[:=](.+)$/;

/** Reads everything, in order, each file once. */
export async function read(named: readonly string[], zones: readonly string[]): Promise<Input[]> {
  const wanted: { readonly pattern: string; readonly zone: string | undefined }[] = [];
  for (const text of zones) {
    const at = text.indexOf('=');
    if (at <= 0 || at === text.length - 1) throw new Usage(`--zone is NAME=FILE, not ${JSON.stringify(text)}`);
    wanted.push({ pattern: text.slice(at + 1), zone: text.slice(0, at) });
  }
  for (const text of named) wanted.push(withZone(text));
  const inputs = new Map<string, Input>();
  for (const { pattern, zone } of wanted) {
    if (pattern === '-') {
      inputs.set('<stdin>', { name: '<stdin>', text: await standardInput(), zone });
      continue;
    }
    for (const path of expand(pattern)) {
      const name = path.split(sep).join(posix.sep).replace(/^\.\//, '');
      // A file that is named with its zone and again by a glob keeps the zone.
      if (!inputs.has(name)) inputs.set(name, { name, text: text(path), zone });
    }
  }
  return [...inputs.values()];
}

/** `west:west.yaml`, unless there is a file of exactly that name. A zone has two letters at least, a drive one. */
function withZone(named: string): { pattern: string; zone: string | undefined } {
  const [, zone, pattern] = ZONE_PREFIX.exec(named) ?? [];
  if (zone === undefined || pattern === undefined || kind(named) !== 'none') return { pattern: named, zone: undefined };
  return { pattern, zone };
}

function kind(path: string): 'file' | 'folder' | 'none' {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? 'none' : found.isDirectory() ? 'folder' : 'file';
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Usage(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function expand(pattern: string): string[] {
  switch (kind(pattern)) {
    case 'file':
      return [pattern];
    case 'folder': {
      const files = within(pattern).filter((path) => YAML.test(path));
      if (files.length === 0) throw new Usage(`there is no .yaml, .yml or .json in ${pattern}`);
      return files;
    }
    case 'none':
      break;
  }
  if (!/[*?{[]/.test(pattern)) throw new Usage(`there is no file ${pattern}`);
  const glob = toRegExp(pattern.split(sep).join(posix.sep));
  const found = within(root(pattern)).filter((path) => glob.test(path.split(sep).join(posix.sep)));
  if (found.length === 0) throw new Usage(`no file fits ${pattern}`);
  return found;
}

/** The folder that everything a glob can mean is in. */
function root(pattern: string): string {
  const parts = pattern.split(/[\\/]/);
  const at = parts.findIndex((part) => /[*?{[]/.test(part));
  return parts.slice(0, at).join('/') || (pattern.startsWith('/') ? '/' : '.');
}

/** Every file below a folder by name; hidden folders and node_modules are left out. */
function within(folder: string): string[] {
  if (kind(folder) !== 'folder') return [];
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = folder === '.' ? entry.name : join(folder, entry.name);
    if (entry.isFile() || (entry.isSymbolicLink() && kind(path) === 'file')) return [path];
    return entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules' ? within(path) : [];
  });
}

/** `*` and `?` inside a name, `**` over folders, `{a,b}`, `[ab]`. */
export function toRegExp(glob: string): RegExp {
  const pattern = glob.replace(/^\.\//, '');
  let out = '';
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? '';
    if (pattern.startsWith('**/', at)) {
      out += '(?:[^/]+/)*';
      at += 2;
    } else if (pattern.startsWith('**', at)) {
      out += '.*';
      at += 1;
    } else if (char === '*') out += '[^/]*';
    else if (char === '?') out += '[^/]';
    else if (char === '{') {
      out += '(?:';
      depth++;
    } else if (char === '}' && depth > 0) {
      out += ')';
      depth--;
    } else if (char === ',' && depth > 0) out += '|';
    else if (char === '[') {
      const end = pattern.indexOf(']', at + 1);
      out +=
        end < 0
          ? '\\['
          : `[${pattern
              .slice(at + 1, end)
              .replace(/^!/, '^')
              .replaceAll('\\', '\\\\')}]`;
      at = end < 0 ? at : end;
    } else out += char.replace(/[.+^$()|\\\]}]/, '\\$&');
  }
  return new RegExp(`^${out}${')'.repeat(depth)}$`);
}

async function standardInput(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}
