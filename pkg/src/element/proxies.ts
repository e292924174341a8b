/** The Proxies view: for one proxy its outbounds with their routes and endpoints, and every policy, field by field. */
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type {
  BackendReport,
  ClusterReport,
  DestinationReport,
  EndpointReport,
  InboundReport,
  LocationReport,
  OriginReport,
  OutboundReport,
  PolicyReport,
  ProxyReport,
  RouteReport,
} from '../types.js';
import { confText, percent } from './format.js';
import { count, placeLink, waiting, zoneMark } from './parts.js';
import { Follow, type Session } from './session.js';
import { codeText } from './text.js';
import { base, table } from './theme.js';

const LEVELS = {
  section: 'rule of the port',
  resource: 'rule of the service',
  mesh: 'rule of the mesh',
  service: 'rule of the kuma.io/service',
  proxy: 'whole proxy',
} as const;

export class MsProxies extends LitElement {
  static override styles = [
    base,
    table,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
        min-height: 0;
        container-type: inline-size;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 12px;
        align-items: center;
        padding: 8px 14px;
        border-bottom: 1px solid var(--ms-line);
      }
      .bar select {
        max-width: 100%;
        font-family: var(--ms-mono);
        font-size: 12.5px;
      }
      .scroll {
        flex: 1;
        min-height: 0;
        overflow: auto;
      }
      section {
        padding: 14px;
        border-bottom: 1px solid var(--ms-line);
      }
      section > h2 {
        margin-bottom: 8px;
        font-size: var(--ms-size);
      }
      .outbound {
        margin-top: 8px;
        border: 1px solid var(--ms-line);
        border-radius: var(--ms-radius);
      }
      .outbound > summary {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 10px;
        align-items: baseline;
        padding: 8px 12px;
        cursor: pointer;
      }
      .outbound > summary::marker {
        color: var(--ms-fg-2);
      }
      .outbound > summary strong {
        font-weight: 600;
      }
      .inside {
        display: grid;
        gap: 12px;
        padding: 4px 12px 12px;
      }
      .inside h3 {
        margin-bottom: 4px;
        color: var(--ms-fg-2);
        font-size: var(--ms-size-s);
        font-weight: 500;
      }
      .route,
      .policy,
      .line {
        display: flex;
        flex-wrap: wrap;
        gap: 1px 10px;
        align-items: baseline;
      }
      .route {
        padding: 5px 0;
        border-top: 1px solid var(--ms-line);
      }
      .route .match {
        flex: 1 1 190px;
      }
      .route .to {
        flex: 2 1 260px;
      }
      .route .full {
        flex-basis: 100%;
      }
      .bad {
        color: var(--ms-bad);
      }
      .warn {
        color: var(--ms-warn);
      }
      .policy {
        padding: 6px 0 2px;
        border-top: 1px solid var(--ms-line);
      }
      .chain {
        color: var(--ms-fg-2);
      }
      table {
        margin: 2px 0 6px;
      }
      s {
        color: var(--ms-fg-2);
      }
      .steps summary {
        width: max-content;
        color: var(--ms-fg-2);
        cursor: pointer;
      }
      .steps ol {
        display: grid;
        gap: 3px;
        padding: 3px 0 5px 20px;
        list-style: decimal;
      }
    `,
  ];
  static override properties = { session: { attribute: false } };

  declare session: Session | undefined;

  constructor() {
    super();
    new Follow(this, () => this.session);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { session } = this;
    if (!session) return nothing;
    if (!session.answer) return html`${waiting(session)}`;
    const { proxies } = session;
    if (proxies.length === 0) {
      return html`<div class="empty">
        <h2>No proxies</h2>
        <p>Paste a Dataplane (or on Kubernetes a Pod) to see what it can reach, and through which policies.</p>
      </div>`;
    }
    const chosen = session.proxyKey;
    const report = session.proxy;
    return html`<div class="bar">
        <label
          >Proxy
          <select @change=${(event: Event) => session.look({ proxy: (event.target as HTMLSelectElement).value })}>
            ${proxies.map(
              (each) =>
                html`<option value=${each.key} ?selected=${each.key === chosen}>${each.name} · ${each.zone}</option>`,
            )}
          </select></label
        >
        ${report ? html`<span class="dim small">${this.#about(report)}</span>` : nothing}
      </div>
      <div class="scroll" tabindex="0" role="region" aria-label="What the proxy does">
        ${report ? this.#proxy(session, report) : html`<div class="empty" role="status"><p>Working it out…</p></div>`}
      </div>`;
  }

  #about(report: ProxyReport): string {
    const kind = report.gateway ? 'gateway' : 'sidecar';
    const how = report.transparentProxying ? 'transparent proxying' : 'its outbounds are written';
    return `${kind}, ${how}, mode ${report.mode}`;
  }

  #proxy(session: Session, report: ProxyReport): TemplateResult {
    const clusters = new Map(report.clusters.map((cluster) => [cluster.name, cluster]));
    return html`
      ${report.failure ? html`<section class="bad" role="alert">${codeText(report.failure)}</section>` : nothing}
      <section aria-label="Outbounds">
        <h2>${count(report.outbounds.length, 'outbound')}</h2>
        ${report.outbounds.map((each) => this.#outbound(session, each, clusters, report.outbounds.length < 4 || telling(each)))}
        ${
          report.unreachable.length > 0
            ? html`<details class="outbound">
                <summary>${report.unreachable.length} that one could expect, but are not there</summary>
                <div class="inside">
                  ${report.unreachable.map(
                    (each) =>
                      html`<div class="line">
                        ${link(session, each.asks.replaceAll('`', ''), each.location)}
                        <span class="dim">${codeText(each.reason)}</span>
                      </div>`,
                  )}
                </div>
              </details>`
            : nothing
        }
      </section>
      ${
        report.policies.length > 0
          ? html`<section aria-label="Policies of the whole proxy">
              <h2>Policies of the whole proxy</h2>
              ${report.policies.map((each) => policyTable(session, each))}
            </section>`
          : nothing
      }
      <section aria-label="Inbounds">
        <h2>${count(report.inbounds.length, 'inbound')}</h2>
        ${report.inbounds.map((each) => this.#inbound(session, each))}
      </section>
    `;
  }

  #outbound(
    session: Session,
    outbound: OutboundReport,
    clusters: ReadonlyMap<string, ClusterReport>,
    open: boolean,
  ): TemplateResult {
    const { destination } = outbound;
    return html`<details class="outbound" data-id=${outbound.id} ?open=${open}>
      <summary>
        <strong class="mono">${destinationName(destination)}</strong>
        ${destination.zone ? zoneMark(destination.zone, session.zones) : nothing}
        <span class="dim">${destination.kind}, ${outbound.protocol}</span>
        ${
          outbound.hostnames.length
            ? html`<span class="mono dim small"
                >${outbound.hostnames.map((host) => `${host}:${outbound.port}`).join(', ')}</span
              >`
            : html`<span class="mono dim small">${outbound.address}:${outbound.port}</span>`
        }
        ${outbound.listener === 'none' ? html`<span class="tag bad">nothing listens</span>` : nothing}
      </summary>
      <div class="inside">
        <p class="dim">${codeText(outbound.reason)}</p>
        ${outbound.noListener ? html`<p class="bad">${codeText(outbound.noListener)}</p>` : nothing}
        ${
          outbound.routes.length > 0
            ? html`<div>
                <h3>Routes, in the order of comparison</h3>
                ${outbound.routes.map((each) => routeRow(session, each))}
                ${outbound.dropped.map(
                  (each) =>
                    html`<div class="route">
                      <span class="match mono"><s>${codeText(each.matches)}</s></span>
                      <span class="to bad">${codeText(each.reason)}</span>
                      <span class="full dim small">${originLink(session, each.origin)}</span>
                    </div>`,
                )}
              </div>`
            : nothing
        }
        ${this.#clusters(session, outbound, clusters)}
        ${
          outbound.policies.length > 0
            ? html`<div>
                <h3>Policies</h3>
                ${outbound.policies.map((each) => policyTable(session, each))}
              </div>`
            : nothing
        }
      </div>
    </details>`;
  }

  #clusters(
    session: Session,
    outbound: OutboundReport,
    clusters: ReadonlyMap<string, ClusterReport>,
  ): TemplateResult | typeof nothing {
    const names = new Set([
      ...outbound.routes.flatMap((route) => route.backends.map((backend) => backend.destination.cluster)),
      outbound.destination.cluster,
    ]);
    const shown = [...names].flatMap((name) => clusters.get(name) ?? []);
    if (shown.length === 0) return nothing;
    return html`<div>
      <h3>Endpoints</h3>
      ${shown.map(
        (cluster) =>
          html`<div class="route">
            <span class="match mono">${destinationName(cluster.destination)}</span>
            <span class="to">
              ${cluster.endpoints.map((each) => endpointRow(session, each))}
              ${
                cluster.reason
                  ? html`<span class=${cluster.endpoints.length ? 'dim' : 'bad'}>${codeText(cluster.reason)}</span>`
                  : nothing
              }
            </span>
          </div>`,
      )}
    </div>`;
  }

  #inbound(session: Session, inbound: InboundReport): TemplateResult {
    return html`<div class="line">
        ${link(session, inbound.section === String(inbound.port) ? inbound.section : `${inbound.section} ${inbound.port}`, inbound.location)}
        <span class="dim">${inbound.protocol}</span>
        ${inbound.state === 'Ready' ? nothing : html`<span class="tag warn">${inbound.state}</span>`}
        <span class="dim small mono"
          >${Object.entries(inbound.tags)
            .map(([key, value]) => `${key}=${value}`)
            .join(' ')}</span
        >
      </div>
      ${inbound.policies.map(
        (policy) =>
          html`<div class="policy">
              <strong>${policy.kind}</strong>
            </div>
            ${policy.rules.map(
              (rule) =>
                html`<div class="line">
                  <span>${codeText(rule.clients)}</span><span class="mono dim">${confText(rule.conf)}</span>
                  <span class="chain small">${chain(session, rule.origins)}</span>
                </div>`,
            )}`,
      )}`;
  }
}

/** True for an outbound that does something else than lead to its service. */
function telling(outbound: OutboundReport): boolean {
  return outbound.listener === 'none' || outbound.dropped.length > 0 || outbound.routes.some((route) => route.origin);
}

/** Where traffic goes, by name and port. */
export function destinationName(destination: DestinationReport): string {
  const port = destination.portName ?? (destination.port === undefined ? '' : String(destination.port));
  const number =
    destination.port !== undefined && port !== String(destination.port) ? ` ${String(destination.port)}` : '';
  return port ? `${destination.name} ${port}${number}` : destination.name;
}

/** A rule of an outbound: what it matches and where that goes. */
export function routeRow(session: Session, route: RouteReport, note?: TemplateResult): TemplateResult {
  return html`<div class="route">
    <span class="match">${codeText(route.matches)}</span>
    <span class="to">
      ${route.redirect ? html`<div>redirect ${route.redirect.status}</div>` : nothing}
      ${route.backends.map((each) => backendRow(session, each))}
      ${route.dropped.map(
        (each) => html`<div class="bad">${codeText(each.asks)} gets nothing: ${codeText(each.reason)}</div>`,
      )}
      ${route.rewrite?.path ? html`<div class="dim">path becomes <code>${route.rewrite.path.value}</code></div>` : nothing}
      ${route.mirrors.map((each) => html`<div class="dim">copies ${each.percentage} % to <code>${each.service}</code></div>`)}
      ${route.timeout ? html`<div class="dim">timeout ${route.timeout.value}</div>` : nothing}
      ${route.hiddenBy ? html`<div class="warn">never reached: ${codeText(route.hiddenBy.reason)}</div>` : nothing}
    </span>
    <span class="full dim small">${route.origin ? originLink(session, route.origin) : 'Kuma adds it by itself'}</span>
    ${note ?? nothing}
  </div>`;
}

function backendRow(session: Session, backend: BackendReport): TemplateResult {
  return html`<div class="line">
    ${link(session, destinationName(backend.destination), backend.location)}
    ${backend.destination.zone ? zoneMark(backend.destination.zone, session.zones) : nothing}
    <span class="dim small">${percent(backend.share)}</span>
    <span class="small ${backend.endpoints === 0 ? 'bad' : 'dim'}">${count(backend.endpoints, 'endpoint')}</span>
  </div>`;
}

function endpointRow(session: Session, endpoint: EndpointReport): TemplateResult {
  return html`<div class="line">
    <span class="mono">${endpoint.address}:${endpoint.port}</span>
    ${endpoint.zone ? zoneMark(endpoint.zone, session.zones) : nothing}
    <span class="dim">${endpoint.name}</span>
    <span class="dim small"
      >${endpoint.priority === 0 ? percent(endpoint.share) : `priority ${endpoint.priority}`}</span
    >
    ${endpoint.behind.map(
      (each) =>
        html`<span class="dim small">→ ${each.name}${each.zone ? `, ${each.zone}` : ''} ${percent(each.share)}</span>`,
    )}
  </div>`;
}

function originLink(
  session: Session,
  origin: { kind: string; name: string; location?: LocationReport },
): TemplateResult {
  return html`${origin.kind} ${link(session, origin.name, origin.location)}`;
}

function chain(session: Session, origins: readonly OriginReport[]): TemplateResult {
  return html`${origins.map(
    (origin, at) =>
      html`${at > 0 ? ' → ' : ''}${link(session, `${origin.name}[${origin.ruleIndex}]`, origin.location)}`,
  )}`;
}

/** A merged conf: the items it is merged from, weakest first, and where each field comes from. */
export function policyTable(session: Session, policy: PolicyReport): TemplateResult {
  return html`<div class="policy">
      <strong>${policy.kind}</strong>
      <span class="dim small">${LEVELS[policy.level]}</span>
      <span class="chain small">${chain(session, policy.origins)}</span>
    </div>
    ${steps(session, policy)} ${policy.note ? html`<p class="warn small">${codeText(policy.note)}</p>` : nothing}
    ${
      policy.fields.length > 0
        ? html`<table>
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Value</th>
                <th scope="col">From</th>
              </tr>
            </thead>
            <tbody>
              ${policy.fields.map(
                (field) =>
                  html`<tr>
                    <td class="mono">${field.path}</td>
                    <td class="mono">
                      ${confText(field.value)}
                      ${field.overrode.map((each) => html` <s title="overridden, from ${each.origin.name}">${confText(each.value)}</s>`)}
                    </td>
                    <td>${link(session, field.origin.name, field.location ?? field.origin.location)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
        : html`<p class="mono small">${confText(policy.conf)}</p>`
    }`;
}

/** How a merged conf came about: whom each policy selects, its role, the order, and what merging does. */
function steps(session: Session, policy: PolicyReport): TemplateResult | typeof nothing {
  if (policy.origins.length === 0) return nothing;
  return html`<details class="steps small">
    <summary>step by step</summary>
    <ol>
      ${policy.origins.map((origin) => {
        const known = session.answer?.policyAt(origin.location);
        return html`<li>
          <div>
            ${link(session, `${origin.name}[${origin.ruleIndex}]`, origin.location)} selects this proxy:
            ${known?.selects ? codeText(known.selects) : 'no targetRef, so every proxy it is for'}
          </div>
          ${known?.role ? html`<div class="dim">role ${known.role}${known.why ? html`: ${codeText(known.why)}` : nothing}</div>` : nothing}
        </li>`;
      })}
      <li class="dim">
        ${policy.origins.length > 1 ? 'merged in this order: a later value replaces an earlier one' : 'nothing to merge'}
      </li>
    </ol>
  </details>`;
}

function link(session: Session, text: string, location: LocationReport | undefined): TemplateResult {
  return placeLink(session, text, session.answer?.toPlace(location));
}

customElements.define('ms-proxies', MsProxies);
