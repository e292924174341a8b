/**
 * The Migration view: what every `kuma.io/service` becomes, the steps that are left, rewrites as diffs with what they
 * change, the four modes side by side, and what is different since the files were opened.
 */
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type {
  DiffReport,
  LegacyServiceReport,
  MigrationReport,
  ModeReport,
  OfferReport,
  ProxyName,
  RequestChange,
  StepReport,
} from '../types.js';
import { count, explainedCode, placeLink, waiting, zoneMark } from './parts.js';
import { CHANGES, diff, lines, proofTable } from './proof.js';
import { Follow, type Session } from './session.js';
import { codeText } from './text.js';
import { base, table } from './theme.js';
import { badges, visible } from './visible.js';

/** What a place that names a service is, in the words of the page. */
const USES = [
  ['route', 'route'],
  ['backendRef', 'backendRef'],
  ['mirror', 'mirror'],
  ['policy', 'policy item'],
  ['outbound', 'outbound'],
  ['reachableServices', 'reachableServices entry'],
  ['proxies', 'choice of proxies'],
] as const;

export class MsMigration extends LitElement {
  static override styles = [
    base,
    table,
    css`
      :host {
        display: block;
        height: 100%;
        overflow: auto;
        overflow-wrap: anywhere;
      }
      section {
        padding: 12px 14px 14px;
        border-bottom: 1px solid var(--ms-line);
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 10px;
        align-items: baseline;
      }
      select {
        max-width: min(100%, 300px);
      }
      .line > label {
        min-width: 0;
        max-width: 100%;
      }
      .line .push {
        margin-inline-start: auto;
      }
      .steps {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 3px;
        margin-top: 8px;
      }
      .steps summary {
        display: flex;
        gap: 8px;
        cursor: pointer;
      }
      .mark {
        flex: none;
        width: 15px;
        color: var(--ms-fg-2);
        text-align: center;
      }
      .mark.done {
        color: var(--ms-good);
      }
      .steps li {
        padding: 1px 0 1px 24px;
      }
      .card {
        padding: 9px 0;
        border-top: 1px solid var(--ms-line);
      }
      .card:first-of-type {
        border-top: 0;
      }
      pre.diff {
        margin: 6px 0 0;
        padding: 6px 0;
        overflow-x: auto;
        border: 1px solid var(--ms-line);
        border-radius: var(--ms-radius);
        background: var(--ms-bg-2);
        font: 12px/1.5 var(--ms-mono);
      }
      .diff span {
        display: block;
        min-width: max-content;
        padding: 0 10px;
      }
      .diff .old {
        background: var(--ms-bad-bg);
        color: var(--ms-bad);
      }
      .diff .new {
        background: color-mix(in srgb, var(--ms-good) 12%, transparent);
        color: var(--ms-good);
      }
      td.number,
      th.number {
        text-align: end;
        font-variant-numeric: tabular-nums;
      }
      tr.used td,
      tr.used th {
        font-weight: 600;
      }
      details summary {
        width: max-content;
        max-width: 100%;
        cursor: pointer;
      }
    `,
  ];
  static override properties = { session: { attribute: false }, proxy: { state: true } };

  declare session: Session | undefined;
  /** The proxy whose destinations are shown, as `zone/mesh/name`. */
  declare proxy: string;

  constructor() {
    super();
    this.proxy = '';
    new Follow(this, () => this.session);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { session } = this;
    if (!session) return nothing;
    if (!session.answer) return html`${waiting(session)}`;
    const { migration } = session;
    if (!migration) return html`<div class="empty" role="status"><p>Working out the migration…</p></div>`;
    const { report } = migration;
    if (report.services.length === 0) {
      return html`<div class="empty">
        <h2>Nothing to migrate</h2>
        <p>No inbound has the tag <code>kuma.io/service</code>. Paste Dataplanes, or Services and Pods.</p>
      </div>`;
    }
    return html`${this.#steps(session, report)} ${this.#services(session, report)} ${this.#rewrites(session, report)}
    ${this.#traps(session, report)} ${this.#modes(session)} ${this.#since(session)}`;
  }

  #steps(session: Session, report: MigrationReport): TemplateResult {
    return html`<section aria-label="Steps">
      <div class="line">
        <h2>From kuma.io/service to Exclusive</h2>
        ${report.meshes.map((each) => html`<span class="tag">${each.mesh}: ${each.mode}</span>`)}
      </div>
      <div class="steps">${report.steps.map((step) => this.#step(session, step))}</div>
    </section>`;
  }

  #step(session: Session, step: StepReport): TemplateResult {
    const left = step.items.filter((item) => !item.done).length;
    return html`<details>
      <summary>
        <span class="mark ${step.done ? 'done' : ''}" role="img" aria-label=${step.done ? 'Done' : 'Left'}
          >${step.done ? '✓' : '○'}</span
        >
        <span>${step.number}. ${step.title}</span>
        <span class="dim">${left ? `${left} left` : ''}</span>
      </summary>
      <ul>
        ${step.items.map(
          (item) =>
            html`<li>
              <span class=${item.done ? 'dim' : ''}>${item.done ? '✓ ' : ''}${codeText(item.text)}</span>
              ${this.#line(session, session.answer?.toPlace(item.location)?.line, item.location)}
            </li>`,
        )}
      </ul>
    </details>`;
  }

  #line(
    session: Session,
    line: number | undefined,
    location: StepReport['items'][number]['location'],
  ): TemplateResult | typeof nothing {
    const place = session.answer?.toPlace(location);
    return place && line ? html` ${placeLink(session, `line ${line}`, place)}` : nothing;
  }

  #services(session: Session, report: MigrationReport): TemplateResult {
    return html`<section aria-label="Services">
      <div class="line">
        <h3>What every service becomes</h3>
        <label class="push"
          >by way of
          <select
            aria-label="By way of"
            @change=${(event: Event) => {
              const { value } = event.target as HTMLSelectElement;
              session.decide({ via: value === 'ReachableBackends' ? value : 'Everywhere' });
            }}
          >
            ${(['Everywhere', 'ReachableBackends'] as const).map(
              (via) => html`<option ?selected=${session.decisions.via === via}>${via}</option>`,
            )}
          </select></label
        >
      </div>
      ${report.services.map((service) => this.#service(session, service))}
    </section>`;
  }

  #service(session: Session, service: LegacyServiceReport): TemplateResult {
    return html`<article class="card" aria-label=${service.name}>
      <div class="line">
        <strong class="mono">${badges(service.name)}</strong>
        ${service.zones.map((each) => zoneMark(each.zone, session.zones))}
        <select
          class="push"
          aria-label="What ${service.name} becomes"
          @change=${(event: Event) => {
            const { value } = event.target as HTMLSelectElement;
            const choice = value === 'meshService' ? value : 'meshMultiZoneService';
            session.decide({ choices: { ...session.decisions.choices, [service.id]: choice } });
          }}
        >
          ${(
            [
              ['meshService', 'MeshService'],
              ['meshMultiZoneService', 'MeshMultiZoneService'],
            ] as const
          ).map(
            ([value, text]) =>
              html`<option value=${value} ?selected=${service.choice === value}>
                ${text}${service.suggestion === value ? ' (suggested)' : ''}
              </option>`,
          )}
        </select>
      </div>
      <p class="dim">
        ${codeText(service.reason.replace(/^[a-z]/, (letter) => letter.toUpperCase()))}. Today
        ${codeText(service.crossing)}.
      </p>
      <p class=${service.choice === 'meshService' ? '' : 'dim'}>As MeshService ${codeText(service.asMeshService)}.</p>
      <p class=${service.choice === 'meshService' ? 'dim' : ''}>
        As MeshMultiZoneService ${codeText(service.asMultiZone)}.
      </p>
      ${service.uses.length === 0 ? html`<p class="dim">No rule uses it.</p>` : this.#uses(session, service)}
    </article>`;
  }

  #uses(session: Session, service: LegacyServiceReport): TemplateResult {
    const uses = USES.flatMap(([form, name]) => {
      const places = service.uses.filter((use) => use.form === form);
      return places.length ? [count(places.length, name)] : [];
    });
    return html`<details>
      <summary class="dim">used by ${uses.join(', ')}</summary>
      <ul>
        ${service.uses.map((use) => {
          const place = session.answer?.toPlace(use.location);
          return html`<li>
            ${placeLink(session, `${use.kind} ${use.name}`, place)} <code class="dim">${use.path}</code>
          </li>`;
        })}
      </ul>
    </details>`;
  }

  #rewrites(session: Session, report: MigrationReport): TemplateResult {
    const { rewritten } = session.migration ?? {};
    const all = session.extras.rewritten === 'all';
    return html`<section aria-label="Rewrites">
      <div class="line">
        <h3>
          ${report.rewrites.length ? `${count(report.rewrites.length, 'rewrite')} offered` : 'No rewrite is left'}
        </h3>
        <span class="push"></span>
        ${
          session.rewrittenBefore
            ? html`<button class="button" type="button" @click=${() => session.unrewrite()}>Undo</button>`
            : nothing
        }
        ${
          report.rewrites.length > 0
            ? html`<button class="button" type="button" @click=${() => session.more({ rewritten: 'all' })}>
                  What do all change?
                </button>
                <button
                  class="button primary"
                  type="button"
                  ?disabled=${!all || !rewritten || session.stale}
                  title="Shows first what changes"
                  @click=${() => session.rewriteAll()}
                >
                  Apply all
                </button>`
            : nothing
        }
      </div>
      ${all ? proofTable(session, rewritten?.proof) : nothing}
      ${report.rewrites.map((offer) => this.#offer(session, offer))}
    </section>`;
  }

  #offer(session: Session, offer: OfferReport): TemplateResult {
    const { rewritten } = session.extras;
    const asked = Array.isArray(rewritten) && rewritten[0] === offer.id;
    return html`<article class="card" aria-label=${offer.title.replaceAll('`', '')}>
      <div class="line">
        <span class="tag">step ${offer.step}</span> <strong>${codeText(offer.title)}</strong>
        <span class="push"></span>
        <button class="button" type="button" @click=${() => session.more({ rewritten: [offer.id] })}>
          What changes?
        </button>
        <button class="button" type="button" ?disabled=${session.stale} @click=${() => session.rewrite(offer)}>
          Apply
        </button>
      </div>
      <p class="dim">${codeText(offer.reason)}</p>
      ${asked ? proofTable(session, session.migration?.rewritten?.proof) : nothing}
      <details>
        <summary class="dim">Show the text</summary>
        ${offer.edits.map((edit) => diff(session.files[edit.source]?.text ?? '', edit))}
      </details>
    </article>`;
  }

  #traps(session: Session, report: MigrationReport): TemplateResult | typeof nothing {
    const { traps, virtualOutbounds } = report;
    if (traps.length + virtualOutbounds.length === 0) return nothing;
    return html`<section aria-label="Traps">
      <h3>Look out</h3>
      ${traps.map((trap) => {
        const place = session.answer?.toPlace(trap.location);
        return html`<div class="card">
          <div>${codeText(trap.message)}</div>
          ${trap.help ? html`<p class="dim">${codeText(trap.help)}</p>` : nothing}
          <p class="small dim">
            ${explainedCode(session, trap.code)}
            ${place ? html`· ${placeLink(session, `line ${place.line}`, place)}` : nothing}
          </p>
        </div>`;
      })}
      ${virtualOutbounds.map(
        (each) =>
          html`<div class="card">
            <div>
              VirtualOutbound ${placeLink(session, each.name, session.answer?.toPlace(each.location))}:
              ${codeText(each.text)}
            </div>
            ${each.generator ? html`<pre class="diff">${lines(each.generator, 'new')}</pre>` : nothing}
          </div>`,
      )}
    </section>`;
  }

  #modes(session: Session): TemplateResult {
    const { modes } = session.migration ?? {};
    return html`<section aria-label="Modes">
      <div class="line">
        <h3>Modes side by side</h3>
        ${
          modes
            ? nothing
            : html`<button class="button push" type="button" @click=${() => session.more({ modes: true })}>
                Try all four
              </button>`
        }
      </div>
      ${
        modes
          ? html`<table aria-label="Modes side by side">
              <thead>
                <tr>
                  <th scope="col">Mode</th>
                  <th scope="col" class="number">kuma.io/services</th>
                  <th scope="col" class="number">Real ports</th>
                  <th scope="col" class="number">Listeners</th>
                  <th scope="col" class="number">Clusters</th>
                  <th scope="col" class="number">Endpoints</th>
                  <th scope="col" class="number">Addresses</th>
                  <th scope="col">From the mode in use</th>
                </tr>
              </thead>
              <tbody>
                ${modes.map((mode) => this.#mode(mode))}
              </tbody>
            </table>`
          : session.extras.modes
            ? html`<p class="dim" role="status">Trying every mode…</p>`
            : nothing
      }
      ${modes?.map((mode) =>
        mode.changes && mode.changes.changes.length > 0
          ? html`<details>
              <summary>What changes with ${mode.mode}</summary>
              ${proofTable(session, mode.changes)}
            </details>`
          : nothing,
      )}
      ${modes ? this.#destinations(session, modes) : nothing}
    </section>`;
  }

  /** What one proxy reaches in each mode. */
  #destinations(session: Session, modes: readonly ModeReport[]): TemplateResult | typeof nothing {
    const key = ({ zone, mesh, name }: ProxyName): string => `${zone}/${mesh}/${name}`;
    const proxies = (modes[0]?.proxies ?? []).map((each) => key(each.proxy));
    const shown = proxies.includes(this.proxy) ? this.proxy : proxies.at(-1);
    if (shown === undefined) return nothing;
    const columns = modes.map((mode) => mode.proxies.find((each) => key(each.proxy) === shown));
    const names = [...new Set(columns.flatMap((each) => each?.destinations.map((d) => `${d.kind} ${d.name}`) ?? []))];
    return html`<div class="line">
        <h3>Destinations of a proxy</h3>
        <select
          class="push"
          aria-label="Proxy"
          @change=${(event: Event) => (this.proxy = (event.target as HTMLSelectElement).value)}
        >
          ${proxies.map((each) => html`<option value=${each} ?selected=${each === shown}>${each}</option>`)}
        </select>
      </div>
      <table aria-label="Destinations in each mode">
        <thead>
          <tr>
            <th scope="col">Destination</th>
            ${modes.map(({ mode }) => html`<th scope="col">${mode === 'ReachableBackends' ? html`Reachable<wbr />Backends` : mode}</th>`)}
          </tr>
          <tr>
            <th scope="row">listeners, clusters</th>
            ${columns.map((each) => html`<td class="dim">${each?.numbers.listeners ?? 0}, ${each?.numbers.clusters ?? 0}</td>`)}
          </tr>
        </thead>
        <tbody>
          ${names.map(
            (name) =>
              html`<tr>
                <th scope="row" class="mono">${badges(name)}</th>
                ${columns.map((each) => {
                  const found = each?.destinations.find((d) => `${d.kind} ${d.name}` === name);
                  if (!found) return html`<td class="dim">no</td>`;
                  return html`<td>
                    ${found.addresses.map((address) => html`<div class="mono small">${badges(address)}</div>`)}
                    <span class="dim small">${count(found.endpoints, 'endpoint')}</span>
                    ${found.zones.map((zone) => zoneMark(zone, session.zones))}
                  </td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>`;
  }

  #mode(mode: ModeReport): TemplateResult {
    const n = mode.totals;
    const of = (kind: RequestChange['kind']): number =>
      (mode.changes?.changes ?? []).filter((each) => each.kind === kind).length;
    const parts = (['stops', 'elsewhere', 'treated', 'starts', 'shares'] as const).flatMap((kind) =>
      of(kind) ? [`${of(kind)} ${CHANGES[kind]}`] : [],
    );
    return html`<tr class=${mode.inUse ? 'used' : ''}>
      <th scope="row">${mode.mode}${mode.inUse ? ' (in use)' : ''}</th>
      ${[n.legacy, n.real, n.listeners, n.clusters, n.endpoints, n.addresses].map((each) => html`<td class="number">${each}</td>`)}
      <td>${mode.changes ? parts.join(', ') || 'no request changes' : ''}</td>
    </tr>`;
  }

  #since(session: Session): TemplateResult {
    const { since } = session.migration ?? {};
    const { versions } = session.extras;
    const choose = (side: 'before' | 'after', first: string, label: string): TemplateResult =>
      html`<select
        aria-label=${label}
        @change=${(event: Event) => {
          const { value } = event.target as HTMLSelectElement;
          session.more({ versions: { ...versions, [side]: value === first ? first : Number(value) } });
        }}
      >
        <option value=${first} ?selected=${versions[side] === first}>
          ${side === 'before' ? 'all files as they were opened' : 'all files as they are now'}
        </option>
        ${session.files.map(
          (file) =>
            html`<option value=${file.id} ?selected=${versions[side] === file.id}>${visible(file.name)} alone</option>`,
        )}
      </select>`;
    return html`<section aria-label="Before and after">
      <div class="line">
        <h3>Before and after</h3>
        ${choose('before', 'opened', 'Before')} <span class="dim">and</span> ${choose('after', 'now', 'After')}
        ${
          since || session.extras.since
            ? nothing
            : html`<button class="button push" type="button" @click=${() => session.more({ since: true })}>
                Compare
              </button>`
        }
      </div>
      ${
        since
          ? this.#difference(session, since)
          : session.extras.since
            ? html`<p class="dim" role="status">Comparing…</p>`
            : nothing
      }
    </section>`;
  }

  #difference(session: Session, since: DiffReport): TemplateResult {
    const problems = (title: string, list: DiffReport['introduced']): TemplateResult =>
      html`<details ?open=${title === 'introduced' && list.length > 0}>
        <summary>${count(list.length, 'problem')} ${title}</summary>
        <ul>
          ${list.map((each) => html`<li><code>${each.code}</code> ${codeText(each.message)}</li>`)}
        </ul>
      </details>`;
    return html`${problems('introduced', since.introduced)} ${problems('fixed', since.fixed)}
      ${problems('unchanged', since.unchanged)}
      <details>
        <summary>${count(since.references.length, 'reference')} with another answer</summary>
        <ul>
          ${since.references.map(
            (each) =>
              html`<li>
                ${placeLink(session, `${each.kind} ${each.name}`, session.answer?.toPlace(each.location))}
                <code class="dim">${each.path}</code>
              </li>`,
          )}
        </ul>
      </details>
      ${proofTable(session, since.requests)}`;
  }
}

customElements.define('ms-migration', MsMigration);
