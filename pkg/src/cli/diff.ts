import {
  kumaVersion,
  schemaVersion,
  type DiagnosticReport,
  type DiffReport,
  type PlaceReport,
  type RequestChange,
} from '../node.js';
import { call, choice, count, format, json, SHARED_HELP, Usage, type Command, type Paint } from './command.js';
import { read, type Input } from './files.js';
import { percent } from '../element/format.js';
import { problem } from './frame.js';

const CHANGES = {
  stops: 'stops',
  elsewhere: 'lands elsewhere',
  treated: 'treated otherwise',
  starts: 'starts',
  shares: 'other shares',
} as const;

/** `meshscope diff`. */
export const diff: Command = {
  name: 'diff',
  summary: 'what is different between two versions: problems, what references hit, where requests land',
  help: `Usage: meshscope diff OLD NEW [options]

OLD and NEW are a file, a folder or a glob each. Problems and references are the same if they are of the same resource and
field, whatever their lines. Every request of every proxy is compared, one of each class that the rules of both versions
tell apart.

  --format FORMAT    text (default) or json
  --fail-on WHAT     worse (default): a new error, or a request that stops or lands elsewhere; any difference; or never

${SHARED_HELP}`,
  async run(args) {
    const it = await call(args, { format: { type: 'string' }, 'fail-on': { type: 'string' } }, 1);
    const out = format(it, ['json']);
    const failOn = choice(it.one('fail-on'), 'fail-on', ['worse', 'any', 'never']) ?? 'worse';
    const inputs = await read(it.rest, []);
    if (inputs.length === 0) throw new Usage('name an old and a new version; see --help');
    const source = ({ name, text, zone }: Input) => ({ name, text, ...(zone ? { zone } : {}) });
    for (const { name } of it.inputs) it.world.removeSource(name);
    for (const input of inputs) it.world.setSource(source(input));
    const report = it.world.diff(it.inputs.map(source));
    const failing = { worse: isWorse(report), any: isDifferent(report), never: false }[failOn];
    const code = failing ? 1 : 0;
    if (out === 'json') {
      return { text: json({ schemaVersion: schemaVersion(), kumaVersion: kumaVersion(), ...report }), code };
    }
    return { text: text(report, it.inputs, inputs, it.paint), code };
  },
};

function isWorse({ introduced, requests }: DiffReport): boolean {
  const bad = (change: RequestChange): boolean => change.kind === 'stops' || change.kind === 'elsewhere';
  return introduced.some((each) => each.severity === 'error') || requests.changes.some(bad);
}

function isDifferent({ introduced, fixed, references, requests }: DiffReport): boolean {
  return introduced.length + fixed.length + references.length + requests.changes.length > 0;
}

function text(report: DiffReport, old: readonly Input[], inputs: readonly Input[], paint: Paint): string {
  const { introduced, fixed, unchanged, references, requests } = report;
  const problems = (list: readonly DiagnosticReport[], title: string, of: readonly Input[]): string[] =>
    list.length > 0
      ? [paint.bold(`${count(list.length, 'problem')} ${title}`), ...list.map((each) => problem(each, of, paint))]
      : [];
  const parts = [...problems(introduced, 'introduced', inputs), ...problems(fixed, 'fixed', old)];
  if (references.length > 0) {
    parts.push(
      [
        paint.bold(`${count(references.length, 'reference')} with another answer`),
        ...references.map(({ kind, name, path, before, after }) =>
          [
            `  ${kind} ${name} ${paint.dim(path)}`,
            ...before.map((line) => paint.red(`    - ${line}`)),
            ...after.map((line) => paint.green(`    + ${line}`)),
          ].join('\n'),
        ),
        '',
      ].join('\n'),
    );
  }
  if (requests.changes.length > 0) {
    parts.push(
      [
        paint.bold(`${count(requests.changes.length, 'kind')} of requests change`),
        ...requests.changes.map((change) => requestText(change, paint)),
        '',
      ].join('\n'),
    );
  }
  for (const each of requests.notEvaluated) parts.push(`not compared: ${each}\n`);
  const compared = `${count(requests.classes, 'class', 'classes')} of requests of ${count(requests.proxies, 'proxy', 'proxies')} compared`;
  const same = requests.unchanged
    ? 'no request changes'
    : count(requests.changes.length, 'kind') + ' of requests change';
  parts.push(
    `${introduced.length} introduced, ${fixed.length} fixed, ${unchanged.length} unchanged; ${same} (${compared})\n`,
  );
  return parts.join('\n');
}

function requestText({ kind, what, request, proxies, before, after }: RequestChange, paint: Paint): string {
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) => ` ${name}: ${value}`);
  const more = proxies.length > 1 ? ` and ${proxies.length - 1} more` : '';
  const places = (list: readonly PlaceReport[], summary: string): string =>
    list.map(({ zone, name, port, share }) => `${zone}/${name}:${port} ${percent(share)}`).join(', ') || summary;
  const title = `${request.method} ${request.to}${request.path}${headers.join(';')}`;
  return [
    `  ${kind === 'stops' ? paint.red(CHANGES[kind]) : CHANGES[kind]}: ${title} ${paint.dim(`from ${request.zone}/${request.proxy}${more}`)}`,
    `    ${what}`,
    paint.red(`    - ${places(before.places, before.summary)}`),
    paint.green(`    + ${places(after.places, after.summary)}`),
  ].join('\n');
}
