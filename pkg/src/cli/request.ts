import {
  kumaVersion,
  schemaVersion,
  type BackendTraceReport,
  type DestinationReport,
  type ProxyName,
  type RequestReport,
  type RouteReport,
} from '../node.js';
import { call, format, json, SHARED_HELP, Usage, type Call, type Command } from './command.js';
import { where } from './frame.js';

/** `meshscope request`. */
export const request: Command = {
  name: 'request',
  summary: 'where a request goes: the outbound, the rule that wins, the endpoints and their shares',
  help: `Usage: meshscope request FILES… --from PROXY URL [options]

URL is what the application asks for: a hostname or a service's name, with or without scheme, port and path, such as
http://orders.mesh:8080/v2 or orders:http.

  --from PROXY          a Dataplane: NAME, ZONE/NAME or ZONE/MESH/NAME
  --method METHOD       GET if not given
  --header 'NAME: V'    a header; may be given several times
  --path PATH           the path, if URL has none
  --format FORMAT       text (default) or json

${SHARED_HELP}`,
  async run(args) {
    const it = await call(
      args,
      {
        from: { type: 'string' },
        method: { type: 'string', short: 'X' },
        header: { type: 'string', multiple: true, short: 'H' },
        path: { type: 'string' },
        format: { type: 'string' },
      },
      1,
    );
    const [to] = it.rest;
    if (to === undefined) throw new Usage('no URL is given');
    const out = format(it, ['json']);
    const { zone, mesh, name } = proxy(it.one('from'), it);
    const report = it.world.request({
      zone,
      mesh,
      proxy: name,
      to,
      method: it.one('method') ?? '',
      path: it.one('path') ?? '',
      headers: Object.fromEntries(it.all('header').map(header)),
    });
    return {
      text:
        out === 'json'
          ? json({ schemaVersion: schemaVersion(), kumaVersion: kumaVersion(), ...report })
          : text(report, it),
      code: 0,
    };
  },
};

function header(written: string): [string, string] {
  const at = written.indexOf(':');
  if (at <= 0) throw new Usage(`--header is 'NAME: VALUE', not ${JSON.stringify(written)}`);
  return [written.slice(0, at).trim().toLowerCase(), written.slice(at + 1).trim()];
}

function proxy(written: string | undefined, it: Call): ProxyName {
  const all = it.world.summary().zones.flatMap((zone) => zone.proxies);
  const list = all.map((each) => `${each.zone}/${each.mesh}/${each.name}`).join(', ') || 'none';
  if (written === undefined) throw new Usage(`--from says which proxy sends the request; there are: ${list}`);
  const found = all.filter((each) =>
    [each.name, `${each.zone}/${each.name}`, `${each.zone}/${each.mesh}/${each.name}`].includes(written),
  );
  const [one] = found;
  if (!one) throw new Usage(`there is no proxy ${written}; there are: ${list}`);
  if (found.length > 1) {
    throw new Usage(
      `several proxies are ${written}: ${found.map((each) => `${each.zone}/${each.mesh}/${each.name}`).join(', ')}`,
    );
  }
  return one;
}

function destination(to: DestinationReport): string {
  const port = to.portName ?? to.port;
  return `${to.kind} ${to.name}${port === undefined ? '' : ` port ${port}`}${to.zone ? ` in ${to.zone}` : ''}`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

function rule(route: RouteReport, it: Call): string {
  const { origin } = route;
  if (!origin) return `${route.matches} (added by Kuma)`;
  const at = where(it.inputs, origin.location);
  return `${origin.kind}/${origin.name} to[${origin.toIndex}].rules[${origin.ruleIndex}]: ${route.matches}${at ? ` ${it.paint.dim(at)}` : ''}`;
}

function backend(each: BackendTraceReport, it: Call): string[] {
  const out = [`  ${it.paint.bold(percent(each.share))} to ${destination(each.destination)}`];
  if (each.note) out.push(`    ${each.note}`);
  for (const endpoint of each.endpoints) {
    const via = endpoint.via.map((hop) => ` via ${hop.name}`).join('');
    const place = endpoint.zone ? ` in ${endpoint.zone}` : '';
    const share = endpoint.share > 0 ? percent(endpoint.share) : (endpoint.takesOver ?? 'no traffic');
    const { permission, reason } = endpoint.permission;
    const refused = permission === 'denied' ? it.paint.red(`, refused: ${reason}`) : '';
    out.push(`    ${endpoint.name} ${endpoint.address}:${endpoint.port}${place}${via}: ${share}${refused}`);
  }
  return out;
}

function text(report: RequestReport, it: Call): string {
  const { paint } = it;
  const { from, outbound, winner } = report;
  const { method, to, path } = report.request;
  const good = report.outcome === 'routed' || report.outcome === 'redirected';
  const out = [
    `${paint.bold(`${method} ${to}`)}${to.includes(path ?? '') ? '' : ` ${path}`} from ${from.name} (zone ${from.zone}, mesh ${from.mesh})`,
    `${(good ? paint.green : paint.red)(report.outcome)}: ${report.summary}`,
  ];
  if (outbound) {
    const chosen = report.outbounds.find((each) => each.chosen);
    out.push(`  outbound ${destination(outbound.destination)}${chosen ? `: ${chosen.reason}` : ''}`);
  }
  if (winner) out.push(`  rule ${rule(winner, it)}`);
  for (const each of report.candidates.filter((each) => each.verdict !== 'wins')) {
    out.push(
      paint.dim(`    not ${rule(each.route, { ...it, paint: { ...paint, dim: (text) => text } })}: ${each.reason}`),
    );
  }
  if (report.redirect)
    out.push(`  status ${report.redirect.status}, location ${report.redirect.locationHeader ?? 'not evaluated'}`);
  out.push(...report.backends.flatMap((each) => backend(each, it)));
  for (const each of report.policies) {
    const origins = each.origins.map((origin) => `${origin.name} to[${origin.ruleIndex}]`).join(', ');
    out.push(`  ${each.kind}: ${JSON.stringify(each.conf)} ${paint.dim(`of ${origins}`)}`);
  }
  return `${out.join('\n')}\n`;
}
