/** Problems as text, with the lines that they are about. */
import type { DiagnosticReport, LocationReport } from '../node.js';
import type { Paint } from './command.js';
import type { Input } from './files.js';

/** `west.yaml:12:9`. */
export function where(inputs: readonly Input[], location: LocationReport | undefined): string {
  if (!location) return '';
  const { line, column } = location.start;
  return `${inputs[location.source]?.name ?? '?'}:${line}:${column}`;
}

/** The lines of a place, with carets below it. */
function frame(input: Input, location: LocationReport, mark: (text: string) => string, paint: Paint): string[] {
  const lines = input.text.split(/\r\n|\n|\r/);
  const { start, end } = location;
  const first = Math.max(1, start.line - 1);
  const width = String(start.line + 1).length;
  const gutter = (line: number | '', text: string): string =>
    `${paint.blue(`${String(line).padStart(width)} |`)} ${text}`.trimEnd();
  const out = [gutter('', '')];
  for (let line = first; line <= start.line; line++) {
    const text = lines[line - 1] ?? '';
    out.push(gutter(line, text));
    if (line !== start.line) continue;
    const from = start.column - 1;
    const to = end.line === start.line ? end.column - 1 : text.trimEnd().length;
    // Tabs stay, so that carets stand below their text.
    const before = text.slice(0, from).replace(/[^\t]/g, ' ');
    const carets = mark('^'.repeat(Math.max(1, to - from)));
    out.push(gutter('', before + carets));
  }
  if (end.line > start.line) out.push(gutter('', paint.dim(`… to line ${end.line}`)));
  return out;
}

/** One problem. */
export function problem(diagnostic: DiagnosticReport, inputs: readonly Input[], paint: Paint): string {
  const { code, severity, message, help, kuma, related, location } = diagnostic;
  const mark = { error: paint.red, warning: paint.yellow, info: paint.blue }[severity];
  const out = [`${mark(paint.bold(`${severity}[${code}]`))}: ${paint.bold(message)}`];
  const input = location && inputs[location.source];
  if (input) {
    out.push(`  ${paint.blue('-->')} ${where(inputs, location)}`);
    out.push(...frame(input, location, mark, paint).map((line) => `  ${line}`));
  }
  const note = (label: string, text: string): string => `  ${paint.blue('=')} ${paint.bold(label)}: ${text}`;
  if (kuma) out.push(note('kuma', kuma.field ? `${kuma.field}: ${kuma.reason}` : kuma.reason));
  for (const each of related) {
    const at = where(inputs, each.location);
    out.push(note('see', at ? `${at}: ${each.message}` : each.message));
  }
  if (help) out.push(note('help', help));
  return `${out.join('\n')}\n`;
}
