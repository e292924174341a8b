/** The world and its answer as Markdown, to be pasted into an issue. */
import { countHidden, hitText, visible, visibleText, type Session } from 'meshscope/element';

const cell = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (text: string): string => (text ? `\`${text.replaceAll('`', "'")}\`` : '');

/** A fence that the text itself does not contain. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  return '`'.repeat(longest + 1);
}

export function markdown(session: Session, link: string): string {
  const { answer } = session;
  const lines: string[] = [];
  if (answer) {
    lines.push('| rule | asks for | hits |', '|---|---|---|');
    for (const rule of answer.rules) {
      const hits = rule.answers.map((each) => {
        const from = rule.answers.length > 1 ? `from ${each.zones.join(', ')}: ` : '';
        const what = each.hits.length ? each.hits.map((hit) => code(hitText(hit))).join(', ') : each.meaning;
        return `${from}${what || `nothing, ${each.reason ?? 'no reason is known'}`}`;
      });
      const name = `${rule.kind} ${code(rule.name)} ${code(rule.path)}`;
      lines.push(`| ${cell(name)} | ${cell(code(rule.asks))} | ${cell(hits.join('; '))} |`);
    }
    lines.push('');
    for (const problem of answer.problems) lines.push(`- ${problem.code} ${problem.severity}: ${problem.message}`);
    if (answer.problems.length) lines.push('');
  }
  let hidden = 0;
  for (const file of session.files) {
    hidden += countHidden(file.text);
    const text = visibleText(file.text).trimEnd();
    const mark = fence(text);
    lines.push(
      `${visible(file.name)}${file.zone ? `, zone ${visible(file.zone)}` : ''}:`,
      '',
      `${mark}yaml`,
      text,
      mark,
      '',
    );
  }
  if (hidden > 0) {
    lines.push(
      `${hidden} ${hidden === 1 ? 'character' : 'characters'} that one does not see, written as ⟦U+…⟧ here; the link has the files as they are.`,
      '',
    );
  }
  lines.push(`Evaluated by meshscope${answer ? ` for Kuma ${answer.kuma}` : ''}: ${link}`);
  return `${lines.join('\n')}\n`;
}
