import { kumaVersion, schemaVersion, type DiagnosticReport } from '../node.js';
import { call, choice, count, format, json, SHARED_HELP, type Command } from './command.js';
import { github, sarif } from './formats.js';
import { problem } from './frame.js';

type Severity = DiagnosticReport['severity'];
const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** `meshscope check`. */
export const check: Command = {
  name: 'check',
  summary: 'what is wrong with the YAML: what Kuma refuses, and what it takes but does not do',
  help: `Usage: meshscope check FILES… [options]

Prints every problem with the lines that it is about. Exits with 1 if there is one as bad as --fail-on says.

  --format FORMAT       text (default), json, sarif or github
  --fail-on SEVERITY    error (default), warning, info or never
  --quiet               only errors and warnings

${SHARED_HELP}`,
  async run(args) {
    const it = await call(args, {
      format: { type: 'string' },
      'fail-on': { type: 'string' },
      quiet: { type: 'boolean' },
    });
    const out = format(it, ['json', 'sarif', 'github']);
    const failOn = choice(it.one('fail-on'), 'fail-on', [...SEVERITIES, 'never' as const]) ?? 'error';
    const all = it.world.diagnostics().filter((each) => !it.is('quiet') || each.severity !== 'info');
    const failing = failOn === 'never' ? [] : SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1);
    const code = all.some((each) => failing.includes(each.severity)) ? 1 : 0;
    switch (out) {
      case 'json':
        return {
          text: json({
            schemaVersion: schemaVersion(),
            kumaVersion: kumaVersion(),
            files: it.inputs.map(({ name, zone }) => ({ name, zone })),
            diagnostics: all,
          }),
          code,
        };
      case 'sarif':
        return { text: json(sarif(all, it.inputs)), code };
      case 'github':
        return { text: github(all, it.inputs), code };
      case 'text': {
        const counts = SEVERITIES.map(
          (severity) => [severity, all.filter((each) => each.severity === severity).length] as const,
        );
        const said = counts
          .filter(([, n]) => n > 0)
          .map(([severity, n]) => count(n, severity, severity === 'info' ? 'infos' : undefined));
        const files = count(it.inputs.length, 'file');
        const close = said.length > 0 ? `${said.join(', ')} in ${files}\n` : `no problems in ${files}\n`;
        return { text: [...all.map((each) => problem(each, it.inputs, it.paint)), close].join('\n'), code };
      }
    }
  },
};
