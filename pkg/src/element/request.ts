/** The Request view: asks where a request goes, shows every step, keeps what was tried, and turns it into checks. */
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { BackendTraceReport, RequestInput, RequestOutcome, RequestReport } from '../types.js';
import { headersText, percent, readHeaders } from './format.js';
import { count, placeLink, waiting, zoneMark } from './parts.js';
import { destinationName, policyTable, routeRow } from './proxies.js';
import { Follow, landing, type Probe, type Session } from './session.js';
import { codeText } from './text.js';
import { base, table } from './theme.js';
import { badges, visible } from './visible.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'] as const;
const TONE: Readonly<Record<RequestOutcome, 'good' | 'bad' | 'warn'>> = {
  routed: 'good',
  redirected: 'good',
  noOutbound: 'bad',
  noListener: 'bad',
  noRoute: 'bad',
  noEndpoints: 'bad',
  notEvaluated: 'warn',
  configurationFails: 'bad',
  unknownProxy: 'bad',
};
const VERDICTS = {
  wins: 'wins',
  alsoMatches: 'matches too',
  noMatch: 'does not match',
  notEvaluated: 'not evaluated',
} as const;

export class MsRequest extends LitElement {
  static override styles = [
    base,
    table,
    css`
      :host {
        display: block;
        height: 100%;
        overflow: auto;
        container-type: inline-size;
      }
      form {
        display: grid;
        grid-template-columns: 1fr 1.4fr 92px 1.4fr auto;
        gap: 8px;
        align-items: end;
        padding: 12px 14px;
        border-bottom: 1px solid var(--ms-line);
        background: var(--ms-bg);
      }
      form label {
        display: grid;
        gap: 3px;
        min-width: 0;
        color: var(--ms-fg-2);
        font-size: var(--ms-size-s);
      }
      form input,
      form select {
        width: 100%;
        min-width: 0;
        color: var(--ms-fg);
        font-size: var(--ms-size);
      }
      form input {
        font-family: var(--ms-mono);
        font-size: 12.5px;
      }
      .headers {
        grid-column: 1 / -2;
      }
      /* Side by side as far as there is room. */
      .probes {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr));
        gap: 1px;
      }
      .probe {
        min-width: 0;
        padding: 12px 14px 14px;
        outline: 1px solid var(--ms-line);
        container-type: inline-size;
      }
      .probe > header {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 10px;
        align-items: baseline;
      }
      .probe h2 {
        font: 600 13px var(--ms-mono);
        overflow-wrap: anywhere;
      }
      .acts {
        display: flex;
        gap: 6px;
        margin-inline-start: auto;
      }
      .acts .button {
        height: 24px;
        font-size: var(--ms-size-s);
      }
      .summary {
        margin: 6px 0;
      }
      .good {
        color: var(--ms-good);
      }
      .bad {
        color: var(--ms-bad);
      }
      .warn {
        color: var(--ms-warn);
      }
      ol {
        display: grid;
        gap: 8px;
        margin-top: 8px;
        padding-inline-start: 0;
        counter-reset: step;
      }
      ol > li {
        display: grid;
        grid-template-columns: 22px minmax(0, 1fr);
        counter-increment: step;
      }
      ol > li::before {
        content: counter(step);
        color: var(--ms-fg-2);
        font-variant-numeric: tabular-nums;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        gap: 1px 10px;
        align-items: baseline;
      }
      .route {
        display: flex;
        flex-wrap: wrap;
        gap: 1px 10px;
        align-items: baseline;
        padding: 5px 0;
        border-top: 1px solid var(--ms-line);
      }
      .route .match {
        flex: 1 1 160px;
      }
      .route .to {
        flex: 2 1 220px;
      }
      .route .full {
        flex-basis: 100%;
      }
      .policy {
        display: flex;
        flex-wrap: wrap;
        gap: 1px 10px;
        padding: 6px 0 2px;
      }
      summary {
        width: max-content;
        color: var(--ms-fg-2);
        cursor: pointer;
      }
      /* In a narrow card an endpoint is a few lines instead of a row of a table. */
      @container (max-width: 460px) {
        .endpoints thead {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }
        .endpoints tbody tr {
          display: grid;
          grid-template-columns: minmax(0, 1fr) auto;
          gap: 1px 10px;
          padding: 4px 0;
          border-top: 1px solid var(--ms-line);
        }
        .endpoints td {
          padding: 0;
          border: 0;
          overflow-wrap: anywhere;
        }
        .endpoints td[data-head]::before {
          content: attr(data-head) ' ';
          color: var(--ms-fg-2);
        }
      }
      @container (max-width: 620px) {
        form {
          grid-template-columns: 1fr 1fr;
        }
        .headers {
          grid-column: 1 / -1;
        }
        form .primary {
          grid-column: 1 / -1;
          order: 1;
          justify-content: center;
        }
      }
    `,
  ];
  static override properties = { session: { attribute: false }, trouble: { state: true } };

  declare session: Session | undefined;
  declare trouble: string;

  constructor() {
    super();
    this.trouble = '';
    new Follow(this, () => this.session);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { session } = this;
    if (!session) return nothing;
    if (!session.answer) return html`${waiting(session)}`;
    if (session.proxies.length === 0) {
      return html`<div class="empty">
        <h2>Nobody to send a request</h2>
        <p>Paste a Dataplane (or on Kubernetes a Pod): requests are followed from a proxy.</p>
      </div>`;
    }
    return html`${this.#form(session)}
    ${
      session.probes.length === 0
        ? html`<div class="empty">
            <h2>Where does a request go?</h2>
            <p>
              Name a host or a service, and a path. You see which outbound takes it, which rule wins and why, and who
              can answer.
            </p>
          </div>`
        : html`<div class="probes">${session.probes.map((probe) => this.#probe(session, probe))}</div>`
    }`;
  }

  #targets(session: Session): string[] {
    const targets = session.services.flatMap((service) =>
      service.ports.flatMap((port) => [
        ...service.hostnames.flatMap((each) => (each.hostname ? [`${each.hostname}:${port.port}`] : [])),
        `${service.name}:${port.port}`,
      ]),
    );
    return [...new Set(targets)].sort();
  }

  #form(session: Session): TemplateResult {
    const targets = this.#targets(session);
    const last = session.probes[0]?.input;
    const chosen = session.proxyKey;
    const web = targets.find((each) => /:(80|8080)$/.test(each)) ?? targets[0] ?? '';
    return html`<form aria-label="A request" @submit=${(event: SubmitEvent) => this.#send(session, event)}>
      <label
        >From
        <select name="from">
          ${session.proxies.map(
            (each) =>
              html`<option value=${each.key} ?selected=${each.key === chosen}>${each.name} · ${each.zone}</option>`,
          )}
        </select></label
      >
      <label>To <input type="text" name="to" required list="targets" value=${last?.to ?? web} /></label>
      <datalist id="targets">${targets.map((each) => html`<option value=${each}></option>`)}</datalist>
      <label
        >Method
        <select name="method">
          ${METHODS.map((each) => html`<option ?selected=${each === (last?.method || 'GET')}>${each}</option>`)}
        </select></label
      >
      <label>Path <input type="text" name="path" value=${last?.path ?? '/'} /></label>
      <button class="button primary" type="submit">Ask</button>
      <label class="headers"
        >Headers
        <input
          type="text"
          name="headers"
          placeholder="x-user: beta; x-version: 2"
          value=${headersText(last?.headers)}
        />
      </label>
      ${this.trouble ? html`<p class="bad" role="alert">${this.trouble}</p>` : nothing}
    </form>`;
  }

  #send(session: Session, event: SubmitEvent): void {
    event.preventDefault();
    const data = new FormData(event.target as HTMLFormElement);
    const text = (name: string): string => String(data.get(name) ?? '').trim();
    const from = session.proxies.find((each) => each.key === text('from'));
    const headers = readHeaders(text('headers'));
    if (!from) return;
    if (!headers) {
      this.trouble = 'Write headers as "name: value", several with ";" between them.';
      return;
    }
    this.trouble = '';
    session.send({
      zone: from.zone,
      mesh: from.mesh,
      proxy: from.name,
      to: text('to'),
      method: text('method'),
      path: text('path'),
      headers,
    });
  }

  #probe(session: Session, probe: Probe): TemplateResult {
    const { input, report, expect } = probe;
    const lands = report ? landing(report) : '';
    const green = expect !== undefined && expect === lands;
    return html`<article class="probe" aria-label=${visible(`${input.method || 'GET'} ${input.to}${input.path ?? ''}`)}>
      <header>
        <h2>${badges(visible(`${input.method || 'GET'} ${input.to}${input.path ?? ''}`))}</h2>
        <span class="dim small">from ${badges(visible(input.proxy))}</span> ${zoneMark(input.zone, session.zones)}
        ${
          expect === undefined
            ? nothing
            : green
              ? html`<span class="tag good">check holds</span>`
              : html`<span class="tag bad">check fails: was ${visible(expect)}</span>`
        }
        <span class="acts">
          <button class="button" type="button" @click=${() => session.pin(probe.id, expect === undefined)}>
            ${expect === undefined ? 'Keep as check' : 'No check'}
          </button>
          <button
            class="button"
            type="button"
            aria-label=${visible(`Forget ${input.to}${input.path ?? ''}`)}
            @click=${() => session.drop(probe.id)}
          >
            ×
          </button>
        </span>
      </header>
      ${report ? this.#report(session, report) : html`<p class="dim" role="status">Working it out…</p>`}
    </article>`;
  }

  #report(session: Session, report: RequestReport): TemplateResult {
    const { outbound, winner } = report;
    const place = session.answer?.toPlace;
    return html`<p class="summary ${refused(report) ? 'bad' : TONE[report.outcome]}">${codeText(report.summary)}</p>
      <ol>
        ${
          outbound
            ? html`<li>
                <div>
                  <div class="line">
                    Outbound <strong class="mono">${destinationName(outbound.destination)}</strong>
                    ${outbound.destination.zone ? zoneMark(outbound.destination.zone, session.zones) : nothing}
                    <span class="dim">${outbound.protocol}</span>
                  </div>
                  <div class="dim">${codeText(report.outbounds.find((each) => each.chosen)?.reason ?? '')}</div>
                </div>
              </li>`
            : nothing
        }
        ${
          winner
            ? html`<li>
                <div>
                  <div class="line">
                    Rule <strong class="mono">${codeText(winner.matches)}</strong>
                    ${
                      winner.origin
                        ? html`<span class="dim"
                            >of ${winner.origin.kind}
                            ${placeLink(session, winner.origin.name, place?.(winner.origin.location))}</span
                          >`
                        : html`<span class="dim">which Kuma adds by itself</span>`
                    }
                  </div>
                  <details>
                    <summary>${count(report.candidates.length, 'rule')} compared</summary>
                    ${report.candidates.map((each) =>
                      routeRow(
                        session,
                        each.route,
                        html`<span class="full small ${each.verdict === 'wins' ? 'good' : 'dim'}"
                          >${VERDICTS[each.verdict]}: ${codeText(each.reason)}</span
                        >`,
                      ),
                    )}
                  </details>
                </div>
              </li>`
            : nothing
        }
        ${
          report.redirect
            ? html`<li>
                <div class="line">
                  Redirect <strong>${report.redirect.status}</strong>
                  <span class="mono">${report.redirect.locationHeader ?? ''}</span>
                </div>
              </li>`
            : nothing
        }
        ${report.backends.map((each) => this.#backend(session, each))}
        ${report.mirrors.map(
          (each) =>
            html`<li>
              <div class="line">
                Copies of ${each.percentage} % to <code>${each.service}</code>
                ${each.problem ? html`<span class="bad">${codeText(each.problem)}</span>` : nothing}
              </div>
            </li>`,
        )}
        ${
          report.policies.length > 0
            ? html`<li>
                <details>
                  <summary>${count(report.policies.length, 'policy', 'policies')} on the way</summary>
                  ${report.policies.map((each) => policyTable(session, each))}
                </details>
              </li>`
            : nothing
        }
      </ol>`;
  }

  #backend(session: Session, backend: BackendTraceReport): TemplateResult {
    const { destination } = backend;
    return html`<li>
      <div>
        <div class="line">
          ${percent(backend.share)} to
          ${placeLink(session, destinationName(destination), session.answer?.toPlace(backend.location))}
          ${destination.zone ? zoneMark(destination.zone, session.zones) : nothing}
        </div>
        ${backend.note ? html`<div class="dim">${codeText(backend.note)}</div>` : nothing}
        ${
          backend.endpoints.length > 0
            ? html`<table class="endpoints">
                <thead>
                  <tr>
                    <th scope="col">Endpoint</th>
                    <th scope="col">Zone</th>
                    <th scope="col">Share</th>
                    <th scope="col">Let in</th>
                  </tr>
                </thead>
                <tbody>
                  ${backend.endpoints.map(
                    (each) =>
                      html`<tr>
                        <td>
                          ${placeLink(session, each.name || each.address, session.answer?.toPlace(each.location))}
                          <span class="mono dim small">${each.address}:${each.port}</span>
                          ${each.via.map((hop) => html`<div class="dim small">via ${hop.name}</div>`)}
                        </td>
                        <td>${each.zone ? zoneMark(each.zone, session.zones) : 'outside'}</td>
                        <td>
                          ${percent(each.share)}${each.takesOver ? html`<div class="dim small">${each.takesOver}</div>` : nothing}
                        </td>
                        <td class=${each.permission.permission === 'denied' ? 'bad' : ''} data-head="Let in:">
                          ${PERMISSIONS[each.permission.permission]}
                          <div class="dim small">${codeText(each.permission.reason)}</div>
                        </td>
                      </tr>`,
                  )}
                </tbody>
              </table>`
            : nothing
        }
      </div>
    </li>`;
  }
}

const PERMISSIONS = {
  allowed: 'yes',
  allowedWithShadowDeny: 'yes, with a shadow deny',
  denied: 'no',
  notChecked: 'not checked',
  notEvaluated: 'not evaluated',
} as const;

/** True if nobody whom it reaches lets it in. */
function refused(report: RequestReport): boolean {
  const endpoints = report.backends.flatMap((backend) => backend.endpoints);
  return endpoints.length > 0 && endpoints.every((each) => each.permission.permission === 'denied');
}

customElements.define('ms-request', MsRequest);
