import type { CheckReport, ChecksReport } from '../node.js';
import { call, count, format, json, SHARED_HELP, Usage, type Call, type Command } from './command.js';
import { annotation, github } from './formats.js';
import { problem, where } from './frame.js';

/** `meshscope test`. */
export const test: Command = {
  name: 'test',
  summary: 'runs the checks that are written into the world, and says which rules they cover',
  help: `Usage: meshscope test FILES… [options]

Checks are documents of a kind of meshscope's own, which has no part in the mesh:

  type: MeshscopeCheck
  name: orders
  mesh: default
  requests:
  - name: one in ten gets the new version       # a title; may be left out
    from: web-1                                 # a Dataplane
    zone: west                                  # its zone; without it, every zone that has one of the name
    to: http://orders.mesh:8080/v2
    method: GET
    headers: {x-user: beta}
    rule: MeshHTTPRoute/orders to[0].rules[0]   # the rule that takes it; may be left out
    lands:                                      # all places; what is left out of one does not matter
    - {service: orders, port: http, zone: west, share: 90%}
    - {service: orders-next, endpoint: next-1, share: 10%}
  - {from: web-1, to: 'orders:8080', path: /admin, outcome: noRoute}
  references:
  - at: MeshTimeout/orders to[0].targetRef
    zone: west
    hits: [{kind: MeshService, service: orders, port: http, zone: west}]   # [] for nothing

Outcomes are routed, redirected, denied, noOutbound, noListener, noRoute, noEndpoints, configurationFails, notEvaluated.
Exits with 1 if a check fails, if there is none, or if fewer rules are covered than --fail-under says.

  --format FORMAT       text (default), json or github
  --fail-under PERCENT  the part of all rules (of routes, and items of policies) that checks have to use

${SHARED_HELP}`,
  async run(args) {
    const it = await call(args, { format: { type: 'string' }, 'fail-under': { type: 'string' } });
    const out = format(it, ['json', 'github']);
    const least = Number(it.one('fail-under') ?? 0);
    if (!(least >= 0 && least <= 100)) throw new Usage('--fail-under is a number from 0 to 100');
    const report = it.world.checks();
    // A check that cannot be read must not pass unnoticed.
    const unreadable = it.world
      .diagnostics()
      .filter((each) => /^MS(01|11)/.test(each.code) && each.severity === 'error');
    const { coverage } = report;
    const failed = report.failed > 0 || report.checks.length === 0 || unreadable.length > 0 || coverage.percent < least;
    const code = failed ? 1 : 0;
    switch (out) {
      case 'json':
        return { text: json(report), code };
      case 'github': {
        const bad = report.checks.filter((each) => each.verdict !== 'passed');
        const lines = bad.map((each) =>
          annotation('error', each.title, why(each).join('\n'), it.inputs, each.location),
        );
        return { text: [github(unreadable, it.inputs), ...lines, `${closing(report, least)}\n`].join(''), code };
      }
      case 'text': {
        const problems = unreadable.map((each) => `${problem(each, it.inputs, it.paint)}\n`);
        return { text: problems.join('') + text(report, least, it), code };
      }
    }
  },
};

function why(check: CheckReport): string[] {
  return check.answers.flatMap(({ zone, differences, found }) => {
    const from = check.answers.length > 1 ? `from ${zone}: ` : '';
    return differences.length > 0
      ? [...differences.map((each) => from + each), `${from}found: ${found.join('; ') || 'nothing'}`]
      : [];
  });
}

function closing({ passed, failed, checks, coverage }: ChecksReport, least: number): string {
  if (checks.length === 0) return 'there are no checks: add a document of type MeshscopeCheck, see --help';
  const percent = Math.floor(coverage.percent * 10) / 10;
  const short = coverage.percent < least ? `, less than ${least} %` : '';
  const held = failed === 0 ? `${count(passed, 'check')} passed` : `${passed} passed, ${failed} failed`;
  return `${held}; ${coverage.covered} of ${count(coverage.total, 'rule')} covered (${percent} %)${short}`;
}

function text(report: ChecksReport, least: number, it: Call): string {
  const { paint } = it;
  const out: string[] = [];
  let suite: number | undefined;
  for (const check of report.checks) {
    if (check.document !== suite) {
      suite = check.document;
      out.push(paint.bold(check.suite || 'checks'));
    }
    const mark = { passed: paint.green('ok  '), failed: paint.red('FAIL'), notEvaluated: paint.yellow('????') }[
      check.verdict
    ];
    const at = check.verdict === 'passed' ? '' : ` ${paint.dim(where(it.inputs, check.location))}`;
    out.push(`  ${mark} ${check.title}${at}`, ...why(check).map((line) => `       ${line}`));
  }
  const missing = report.coverage.rules.filter((rule) => rule.checks.length === 0);
  if (report.checks.length > 0 && missing.length > 0) {
    out.push('rules that no check uses:');
    for (const rule of missing) {
      out.push(`  ${rule.kind}/${rule.name} ${rule.path} ${paint.dim(where(it.inputs, rule.location))}`.trimEnd());
    }
  }
  out.push(closing(report, least));
  return `${out.join('\n')}\n`;
}
