/** What commands have in common: options, the world of the files that are named, formats. */
import { parseArgs } from 'node:util';
import { createWorld, type Environment, type EvaluateOptions, type Mode, type World } from '../node.js';
import { read, type Input } from './files.js';

/** One command. */
export interface Command {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  run(args: readonly string[]): Promise<Result>;
}

/** What a command prints, and the exit code. */
export interface Result {
  readonly text: string;
  readonly code: number;
}

/** The command line was wrong: the message says how. */
export class Usage extends Error {}

/** The options of a command beside those that all have. */
export type Extra = Readonly<
  Record<string, { readonly type: 'string' | 'boolean'; readonly multiple?: boolean; readonly short?: string }>
>;

/** What came of the command line. */
export interface Call {
  readonly world: World;
  readonly inputs: readonly Input[];
  /** The first value of an option. */
  one(name: string): string | undefined;
  /** Every value of an option. */
  all(name: string): readonly string[];
  is(name: string): boolean;
  /** Colours for a terminal. */
  readonly paint: Paint;
}

/** Colours, or none. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
  readonly blue: (text: string) => string;
}

const SHARED = {
  zone: { type: 'string', multiple: true },
  environment: { type: 'string' },
  mode: { type: 'string' },
  'default-zone': { type: 'string' },
  federated: { type: 'boolean' },
  'no-color': { type: 'boolean' },
} as const satisfies Extra;

/** The part of `--help` about options that all commands have. */
export const SHARED_HELP = `Files and zones:
  FILES                 files, folders (their .yaml, .yml and .json), globs in quotes, or - for standard input
  ZONE:FILE             the same, for documents of zone ZONE that carry no label kuma.io/zone
  --zone ZONE=FILE      the same as ZONE:FILE; \`global\` is the global control plane
  --environment E       universal or kubernetes: refuse documents in the other form
  --default-zone ZONE   the name of the one zone of a world that names none (default)
  --federated           connect that zone to a global control plane
  --mode MODE           try another meshServices.mode: Disabled, Everywhere, ReachableBackends or Exclusive
  --no-color            no colours, which are only for terminals anyway
`;

const MODES: readonly Mode[] = ['Disabled', 'Everywhere', 'ReachableBackends', 'Exclusive'];

/** Reads the command line and the files. `last` takes that many positional arguments from the end. */
export async function call(
  args: readonly string[],
  extra: Extra,
  last = 0,
): Promise<Call & { readonly rest: readonly string[] }> {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options: { ...SHARED, ...extra }, allowPositionals: true, strict: true });
  } catch (error) {
    throw new Usage(error instanceof Error ? error.message : String(error));
  }
  const values = new Map<string, unknown>(Object.entries(parsed.values));
  const all = (name: string): readonly string[] => {
    const value = values.get(name);
    return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');
  };
  const one = (name: string): string | undefined => all(name)[0];
  const is = (name: string): boolean => values.get(name) === true;
  const split = Math.max(0, parsed.positionals.length - last);
  const inputs = await read(parsed.positionals.slice(0, split), all('zone'));
  if (inputs.length === 0) throw new Usage('no files are named; see --help');
  const environment = choice<Environment>(one('environment'), 'environment', ['universal', 'kubernetes']);
  const mode = choice<Mode>(one('mode'), 'mode', MODES);
  const zone = one('default-zone');
  const options: EvaluateOptions = {
    ...(mode ? { mode } : {}),
    ...(zone ? { zone } : {}),
    ...(is('federated') ? { federated: true } : {}),
  };
  const sources = inputs.map(({ name, text, zone }) => ({
    name,
    text,
    ...(zone ? { zone } : {}),
    ...(environment ? { environment } : {}),
  }));
  return {
    world: createWorld(sources, options),
    inputs,
    one,
    all,
    is,
    paint: paint(!is('no-color')),
    rest: parsed.positionals.slice(split),
  };
}

/** One of the values that an option can have. */
export function choice<T extends string>(text: string | undefined, option: string, of: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const found = of.find((each) => each === text);
  if (!found) throw new Usage(`--${option} is ${of.join(', ')}, not ${JSON.stringify(text)}`);
  return found;
}

/** The value of `--format`; text if it is not given. */
export function format<T extends string>(call: Call, of: readonly T[]): T | 'text' {
  return choice(call.one('format'), 'format', [...of, 'text' as const]) ?? 'text';
}

function paint(wanted: boolean): Paint {
  const { env, stdout } = process;
  const on = wanted && !env['NO_COLOR'] && (env['FORCE_COLOR'] ? env['FORCE_COLOR'] !== '0' : stdout.isTTY === true);
  const with_ =
    (start: number, end: number) =>
    (text: string): string =>
      on ? `\u001b[${start}m${text}\u001b[${end}m` : text;
  return {
    bold: with_(1, 22),
    dim: with_(2, 22),
    red: with_(31, 39),
    yellow: with_(33, 39),
    green: with_(32, 39),
    blue: with_(34, 39),
  };
}

/** `1 file`, `2 files`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** JSON as it is printed. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
