import { kumaVersion, schemaVersion, type HitReport, type ReferenceInZone, type ReferenceReport } from '../node.js';
import { call, count, format, json, SHARED_HELP, Usage, type Call, type Command } from './command.js';
import { where } from './frame.js';

/** `meshscope explain`. */
export const explain: Command = {
  name: 'explain',
  summary: 'what a reference hits, from each zone, what else was considered, and why',
  help: `Usage: meshscope explain FILES… [--ref 'KIND/NAME PATH'] [options]

Without --ref it lists every reference and what it hits in a line each.

  --ref REFERENCE       such as 'MeshHTTPRoute/orders to[0].rules[0].backendRefs[0]'; without a path, all of that
                        document. \`spec.\`, \`.default\` and a final \`.targetRef\` may be left out
  --from ZONE           only as seen from this zone
  --format FORMAT       text (default) or json

${SHARED_HELP}`,
  async run(args) {
    const it = await call(args, { ref: { type: 'string' }, from: { type: 'string' }, format: { type: 'string' } });
    const reference = it.one('ref');
    const from = it.one('from');
    const out = format(it, ['json']);
    const found = reference === undefined ? it.world.rules() : it.world.explain(reference);
    if (reference !== undefined && found.length === 0) throw new Usage(unknown(reference, it));
    const rows = found.map((row) => ({ ...row, answers: row.answers.filter((each) => !from || each.zone === from) }));
    if (out === 'json') {
      return {
        text: json({ schemaVersion: schemaVersion(), kumaVersion: kumaVersion(), references: rows }),
        code: 0,
      };
    }
    const texts = rows.map((row) => (reference === undefined ? line(row, it) : whole(row, it)));
    return { text: texts.join(reference === undefined ? '' : '\n') || 'no references\n', code: 0 };
  },
};

function unknown(reference: string, it: Call): string {
  const [document = ''] = reference.trim().split(/\s+/);
  const same = it.world.explain(document).map((row) => row.path);
  if (same.length > 0) return `${document} has no reference there, but: ${same.join(', ')}`;
  const names = [...new Set(it.world.rules().map((row) => `${row.kind}/${row.name}`))];
  return `no document ${document} with references; there are: ${names.join(', ') || 'none'}`;
}

function hitText(hit: HitReport): string {
  const ports = hit.ports.map((port) => (port.name ? `${port.name} ${port.port}` : String(port.port))).join(', ');
  const endpoints = hit.endpoints === undefined ? '' : `, ${count(hit.endpoints, 'endpoint')}`;
  return `${hit.kind} ${hit.name}${ports ? ` port ${ports}` : ''}${hit.zone ? ` in ${hit.zone}` : ''}${endpoints}`;
}

function outcome(answer: ReferenceInZone): string {
  switch (answer.outcome) {
    case 'hits':
    case 'legacy':
      return answer.hits.map(hitText).join('; ') || (answer.reason ?? '');
    case 'mesh':
      return 'the whole mesh';
    case 'nothing':
      return `nothing: ${answer.reason ?? ''}`;
    case 'notEvaluated':
      return `not evaluated: ${answer.reason ?? ''}`;
  }
}

function tone(answer: ReferenceInZone, it: Call): string {
  const text = outcome(answer);
  return answer.outcome === 'nothing' ? it.paint.red(text) : answer.outcome === 'hits' ? it.paint.green(text) : text;
}

function line(row: ReferenceReport, it: Call): string {
  const head = `${it.paint.bold(`${row.kind}/${row.name}`)} ${row.path}`;
  return row.answers
    .map((answer) => `${head} ${it.paint.dim(`from ${answer.zone}`)} -> ${tone(answer, it)}\n`)
    .join('');
}

function whole(row: ReferenceReport, it: Call): string {
  const { paint } = it;
  const out = [`${paint.bold(`${row.kind}/${row.name}`)} ${row.path}`];
  if (row.location) out.push(paint.dim(`at ${where(it.inputs, row.location)}`));
  out.push(`asks for ${row.asks}`);
  for (const answer of row.answers) {
    out.push(`from ${answer.zone}: ${tone(answer, it)}`);
    if (answer.outcome !== 'nothing' && answer.outcome !== 'notEvaluated' && answer.reason)
      out.push(`  ${answer.reason}`);
    if (answer.help) out.push(`  ${paint.bold('help')}: ${answer.help}`);
    for (const each of answer.candidates) {
      out.push(
        `  ${each.chosen ? paint.green('+') : '-'} ${each.kind} ${each.name} ${paint.dim(each.kri)}: ${each.reason}`,
      );
    }
  }
  return `${out.join('\n')}\n`;
}
