/** The Services view: every destination with its ports, hostnames, proxies, and the YAML Kuma generates for it. */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Service } from './model.js';
import { count, placeLink, portsText, portText, waiting, zoneMark } from './parts.js';
import { Arrivals, Follow, type Session } from './session.js';
import { codeText } from './text.js';
import { visibleText } from './visible.js';
import { base } from './theme.js';
import { Window } from './window.js';

export class MsServices extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: block;
        height: 100%;
        overflow: auto;
        container-type: inline-size;
      }
      article {
        padding: 14px;
        border-bottom: 1px solid var(--ms-line);
      }
      article[aria-current] {
        background: var(--ms-accent-bg);
        box-shadow: inset 3px 0 var(--ms-accent);
      }
      section {
        padding: 14px;
        border-bottom: 1px solid var(--ms-line);
      }
      section h2 {
        font-size: var(--ms-size-l);
      }
      section ul {
        display: grid;
        gap: 8px;
        margin-top: 8px;
      }
      header {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 10px;
        align-items: baseline;
      }
      header h2 {
        font-size: var(--ms-size-l);
      }
      header .tags {
        display: flex;
        gap: 6px;
        margin-inline-start: auto;
      }
      dl {
        display: grid;
        grid-template-columns: 92px minmax(0, 1fr);
        gap: 6px 12px;
        margin-top: 10px;
      }
      dt {
        color: var(--ms-fg-2);
      }
      .lines {
        display: grid;
        gap: 3px;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        gap: 0 8px;
        align-items: baseline;
      }
      .bad {
        color: var(--ms-bad);
      }
      .warn {
        color: var(--ms-warn);
      }
      details {
        margin-top: 10px;
      }
      summary {
        width: max-content;
        color: var(--ms-fg-2);
        cursor: pointer;
      }
      .yaml {
        position: relative;
        margin-top: 8px;
        border: 1px solid var(--ms-line);
        border-radius: var(--ms-radius);
        background: var(--ms-bg-2);
      }
      pre {
        padding: 10px 12px;
        overflow: auto;
        font: 12.5px/1.55 var(--ms-mono);
      }
      .yaml .button {
        position: absolute;
        top: 6px;
        right: 6px;
      }
      @container (max-width: 460px) {
        dl {
          grid-template-columns: 1fr;
          gap: 1px;
        }
        dd + dt {
          margin-top: 7px;
        }
        header .tags {
          margin: 0;
        }
      }
    `,
  ];
  static override properties = { session: { attribute: false }, copied: { state: true } };

  declare session: Session | undefined;
  declare copied: string;
  #arrivals = new Arrivals();
  #window = new Window(50, () => this.requestUpdate());

  constructor() {
    super();
    this.copied = '';
    new Follow(this, () => this.session);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { session } = this;
    if (!session) return nothing;
    const { answer } = session;
    if (!answer) return html`${waiting(session)}`;
    const { services } = session;
    if (services.length === 0) {
      return html`${this.#leftOut(session)}
        <div class="empty">
          <h2>No services</h2>
          <p>
            Paste a MeshService, or a Dataplane with the inbound tag <code>kuma.io/service</code> in a mesh whose
            <code>meshServices.mode</code> is not Disabled: Kuma generates one for each value.
          </p>
        </div>`;
    }
    const selected = services.findIndex((each) => each.id === session.selected);
    const shown = this.#window.rows(services, selected);
    return html`${this.#window.before('services')}
    ${shown.map((service) => this.#service(session, service, answer.zones))}
    ${this.#window.after(services.length, 'services')}${this.#leftOut(session)}`;
  }

  /** Kubernetes Services without a MeshService and Pods without a Dataplane. */
  #leftOut(session: Session): TemplateResult | typeof nothing {
    const { leftOut, zones } = session;
    if (leftOut.length === 0) return nothing;
    return html`<section aria-labelledby="left-out">
      <h2 id="left-out">Kubernetes</h2>
      <p class="dim">Kuma makes no MeshService of these Services and no Dataplane of these Pods.</p>
      <ul>
        ${leftOut.map(
          (each) =>
            html`<li>
              <div class="line">
                <span class="dim">${each.kind}</span>
                ${placeLink(session, `${each.namespace}/${each.name}`, each.place)} ${zoneMark(each.zone, zones)}
              </div>
              <div>${codeText(each.why)}</div>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  #service(session: Session, service: Service, zones: readonly string[]): TemplateResult {
    return html`<article
      data-id=${service.id}
      aria-current=${session.selected === service.id ? 'true' : nothing}
      aria-label="${service.kind} ${service.name}"
    >
      <header>
        <h2>${placeLink(session, service.name, service.place)}</h2>
        <span class="dim">${service.kind}</span>
        ${zoneMark(service.home, zones)}
        <span class="tags">
          <span class="tag">${service.origin}</span>
          ${
            service.state
              ? html`<span class="tag ${service.state === 'Available' ? 'good' : 'bad'}">${service.state}</span>`
              : nothing
          }
        </span>
      </header>
      <dl>
        <dt>Ports</dt>
        <dd class="lines">
          ${service.ports.length === 0 ? html`<span class="dim">none</span>` : nothing}
          ${service.ports.map(
            (port) =>
              html`<div class="line">
                <span class="mono">${portText(port)}</span><span class="dim">${port.protocol}</span>
                ${
                  port.targetPort === undefined
                    ? nothing
                    : html`<span class="dim">→ inbound <span class="mono">${port.targetPort}</span></span>`
                }
                ${
                  port.endpoints === undefined
                    ? nothing
                    : html`<span class="small ${port.endpoints === 0 ? 'bad' : 'dim'}"
                        >${count(port.endpoints, 'endpoint')}</span
                      >`
                }
              </div>`,
          )}
        </dd>
        <dt>Hostnames</dt>
        <dd class="lines">
          ${service.hostnames.length === 0 ? html`<span class="dim">no HostnameGenerator selects it</span>` : nothing}
          ${service.hostnames.map(
            (each) =>
              html`<div class="line">
                ${each.hostname ? html`<span class="mono">${each.hostname}</span>` : nothing}
                ${each.trouble ? html`<span class="bad">${codeText(each.trouble)}</span>` : nothing}
                <span class="dim small">from ${placeLink(session, each.generator, each.place)}</span>
              </div>`,
          )}
        </dd>
        ${
          service.members
            ? html`<dt>${service.kind === 'MeshMultiZoneService' ? 'Members' : 'Proxies'}</dt>
                <dd class="lines">
                  ${service.members.length === 0 ? html`<span class="bad">it selects nothing</span>` : nothing}
                  ${service.members.map(
                    (member) =>
                      html`<div class="line">
                        ${placeLink(session, member.name, member.place)}
                        ${member.zone === service.home ? nothing : zoneMark(member.zone, zones)}
                      </div>`,
                  )}
                </dd>`
            : nothing
        }
        ${this.#conflict(session, service)}
        ${
          service.copies.length > 0
            ? html`<dt>Copies</dt>
                <dd class="lines">
                  ${service.copies.map(
                    (copy) =>
                      html`<div class="line">
                        ${zoneMark(copy.plane === 'global' ? '' : copy.plane, zones)}<span class="mono"
                          >${copy.name}</span
                        >
                      </div>`,
                  )}
                </dd>`
            : nothing
        }
        <dt>KRI</dt>
        <dd class="mono">${service.kri}</dd>
      </dl>
      ${
        service.yaml
          ? html`<details>
              <summary>YAML as Kuma stores it</summary>
              <div class="yaml">
                <pre tabindex="0" aria-label="Generated YAML of ${service.name}">${visibleText(service.yaml)}</pre>
                <button class="button small" type="button" @click=${() => void this.#copy(service)}>
                  ${this.copied === service.id ? 'Copied' : 'Copy'}
                </button>
              </div>
            </details>`
          : nothing
      }
    </article>`;
  }

  /** Dataplanes that disagree about the ports of a generated service. */
  #conflict(session: Session, service: Service): TemplateResult | typeof nothing {
    const { conflict } = service;
    if (!conflict) return nothing;
    return html`<dt>Disagreement</dt>
      <dd class="lines">
        <div class="warn">
          The proxies disagree about the ports; those of <code>${conflict.portsFrom}</code> are used.
        </div>
        ${conflict.contributors.map(
          (each) =>
            html`<div class="line">
              <span>${each.agrees ? '✓' : '✗'}</span>
              ${placeLink(
                session,
                each.dataplane,
                service.members?.find((member) => member.name === each.dataplane)?.place,
              )}
              <span class="mono dim">${portsText(each.ports)}</span>
              ${each.agrees ? nothing : html`<span class="dim">left out: other ports</span>`}
            </div>`,
        )}
      </dd>`;
  }

  async #copy(service: Service): Promise<void> {
    await navigator.clipboard.writeText(service.yaml);
    this.copied = service.id;
  }

  protected override updated(_changed: PropertyValues<this>): void {
    const { session } = this;
    if (!session || !this.#arrivals.arrives(session)) return;
    this.renderRoot.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }
}

customElements.define('ms-services', MsServices);
