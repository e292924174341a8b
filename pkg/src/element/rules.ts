/** The Rules view: every reference of the YAML, what it asks for, where it lands or why it lands nowhere. */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Hit, Rule, RuleAnswer } from './model.js';
import { breakable, count, explainedRule, hitLink, placeLink, portsText, waiting, zoneMark } from './parts.js';
import { Arrivals, Follow, type Session } from './session.js';
import { codeText } from './text.js';
import { base } from './theme.js';
import { Window } from './window.js';

const nothingOnly = 'nothing';

export class MsRules extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        height: 100%;
        container-type: inline-size;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: center;
        padding: 8px 14px;
        border-bottom: 1px solid var(--ms-line);
      }
      .bar input {
        flex: 1 1 130px;
        min-width: 0;
        max-width: 260px;
      }
      .bar select {
        max-width: 170px;
      }
      .sum {
        margin-inline-start: auto;
        white-space: nowrap;
      }
      .scroll {
        flex: 1;
        min-height: 0;
        overflow: auto;
        scrollbar-gutter: stable;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        table-layout: fixed;
      }
      col.rule {
        width: 33%;
      }
      col.asks {
        width: 29%;
      }
      thead th {
        position: sticky;
        z-index: 1;
        top: 0;
        padding: 6px 8px;
        background: var(--ms-bg);
        box-shadow: inset 0 -1px var(--ms-line);
        color: var(--ms-fg-2);
        font-size: var(--ms-size-s);
        font-weight: 500;
        text-align: start;
      }
      th:first-child,
      td:first-child {
        padding-inline-start: 14px;
      }
      .group th {
        padding: 14px 14px 5px;
        font-weight: 600;
        text-align: start;
      }
      .group .kind {
        margin-inline-end: 6px;
        color: var(--ms-fg-2);
        font-weight: 400;
      }
      .group .zone {
        margin-inline-start: 8px;
        color: var(--ms-fg-2);
        font-size: var(--ms-size-s);
        font-weight: 400;
      }
      td {
        padding: 6px 8px;
        border-top: 1px solid var(--ms-line);
        vertical-align: top;
      }
      tr.row {
        cursor: pointer;
      }
      tr.row:hover td {
        background: var(--ms-bg-2);
      }
      tr.row[aria-current] td {
        background: var(--ms-accent-bg);
      }
      tr.row[aria-current] td:first-child {
        box-shadow: inset 3px 0 var(--ms-accent);
      }
      .open {
        display: grid;
        grid-template-columns: 14px 1fr;
        align-items: baseline;
        width: 100%;
        padding: 0;
        border: 0;
        background: none;
        text-align: start;
      }
      .open::before {
        content: '▸' / '';
        color: var(--ms-fg-2);
        font-size: 10px;
      }
      .open[aria-expanded='true']::before {
        content: '▾' / '';
      }
      .hit {
        display: flex;
        flex-wrap: wrap;
        gap: 0 8px;
        align-items: baseline;
      }
      .hit + .hit {
        margin-top: 2px;
      }
      .port {
        color: var(--ms-fg-2);
      }
      .toggle {
        display: inline-flex;
        gap: 6px;
        align-items: center;
        white-space: nowrap;
      }
      .toggle input {
        margin: 0;
        accent-color: var(--ms-accent);
      }
      .answer + .answer {
        margin-top: 6px;
      }
      .from {
        display: flex;
        flex-wrap: wrap;
        gap: 0 8px;
        color: var(--ms-fg-2);
      }
      .because {
        color: var(--ms-fg-2);
      }
      .nothing {
        color: var(--ms-bad);
      }
      .unknown {
        color: var(--ms-warn);
      }
      .more td {
        padding: 2px 14px 12px 28px;
        border-top: 0;
        background: var(--ms-bg);
      }
      .candidates {
        display: grid;
        grid-template-columns: auto minmax(110px, auto) 1fr;
        gap: 4px 10px;
        padding: 8px 12px;
        border: 1px solid var(--ms-line);
        border-radius: var(--ms-radius);
        background: var(--ms-bg-2);
      }
      .candidates li {
        display: grid;
        grid-column: 1 / -1;
        grid-template-columns: subgrid;
        align-items: baseline;
      }
      .yes {
        color: var(--ms-good);
      }
      .no {
        color: var(--ms-fg-2);
      }
      @container (max-width: 560px) {
        colgroup,
        thead {
          display: none;
        }
        table,
        tbody,
        tr,
        td,
        .group th {
          display: block;
        }
        tr.row td {
          padding: 2px 14px 2px 28px;
          border-top: 0;
        }
        tr.row td:first-child {
          padding: 8px 14px 0;
          border-top: 1px solid var(--ms-line);
        }
        tr.row td:last-child {
          padding-bottom: 9px;
        }
        .candidates {
          grid-template-columns: auto 1fr;
        }
        .candidates .reason {
          grid-column: 2;
        }
        .bar {
          padding: 6px 12px;
        }
        .bar input[type='search'] {
          flex-basis: 100%;
          max-width: none;
        }
        .bar select {
          flex: 1 1 100px;
          min-width: 0;
          max-width: none;
        }
        .sum {
          margin: 0;
        }
      }
    `,
  ];
  static override properties = {
    session: { attribute: false },
    kind: { state: true },
    zone: { state: true },
    only: { state: true },
    opened: { state: true },
  };

  declare session: Session | undefined;
  declare kind: string;
  declare zone: string;
  declare only: string;
  declare opened: ReadonlySet<string>;
  #arrivals = new Arrivals();
  #window = new Window(120, () => this.requestUpdate());

  constructor() {
    super();
    this.kind = this.zone = this.only = '';
    this.opened = new Set();
    new Follow(this, () => this.session);
  }

  #visible(session: Session, rules: readonly Rule[]): Rule[] {
    const words = session.filter.toLowerCase().split(/\s+/).filter(Boolean);
    return rules.filter((rule) => {
      const answers = seen(rule, session.vantage.zone);
      const hits = answers.flatMap((answer) => answer.hits);
      if (this.kind && rule.kind !== this.kind) return false;
      if (this.zone && rule.home !== this.zone && !hits.some((hit) => hit.zone === this.zone)) return false;
      if (this.only === nothingOnly && !misses(answers)) return false;
      if (words.length === 0) return true;
      const text = [
        rule.kind,
        rule.name,
        rule.home,
        rule.path,
        rule.asks,
        ...answers.flatMap((answer) => [answer.meaning, answer.reason ?? '']),
        ...hits.flatMap((hit) => [hit.name, hit.zone, portsText(hit.ports)]),
      ]
        .join(' ')
        .toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  #toggle(id: string): void {
    const opened = new Set(this.opened);
    if (!opened.delete(id)) opened.add(id);
    this.opened = opened;
  }

  #choose(session: Session, rule: Rule): void {
    session.select(rule.id, 'answer');
    if (rule.place) session.reveal(rule.place);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { session } = this;
    if (!session) return nothing;
    const { answer } = session;
    if (!answer) return html`${waiting(session)}`;
    if (answer.rules.length === 0) {
      return html`<div class="empty">
        <h2>No rules yet</h2>
        <p>
          Paste a policy or route with a <code>targetRef</code> or <code>backendRefs</code>, or a Dataplane with
          outbounds.
        </p>
        ${
          answer.problems.length > 0
            ? html`<button class="link" type="button" @click=${() => session.show('problems')}>
                ${count(answer.problems.length, 'problem')} may be why
              </button>`
            : nothing
        }
      </div>`;
    }
    const rules = this.#visible(session, answer.rules);
    const kinds = [...new Set(answer.rules.map((rule) => rule.kind))].sort();
    const missing = answer.rules.filter((rule) => misses(seen(rule, session.vantage.zone))).length;
    return html`
      <div class="bar">
        <input
          type="search"
          aria-label="Filter by text"
          placeholder="Filter"
          .value=${session.filter}
          @input=${(event: Event) => session.find((event.target as HTMLInputElement).value)}
        />
        ${this.#select('Kind', 'All kinds', kinds, this.kind, (value) => (this.kind = value))}
        ${
          answer.zones.length > 1
            ? this.#select('Zone', 'All zones', answer.zones, this.zone, (value) => (this.zone = value))
            : nothing
        }
        <label class="toggle">
          <input
            type="checkbox"
            .checked=${this.only === nothingOnly}
            @change=${(event: Event) => (this.only = (event.target as HTMLInputElement).checked ? nothingOnly : '')}
          />
          Hits nothing
        </label>
        <span class="sum dim small" role="status"
          >${count(rules.length, 'reference')}${missing ? html`, <span class="nothing">${missing} hit nothing</span>` : nothing}</span
        >
      </div>
      <div class="scroll" tabindex="0" role="region" aria-label="References">
        ${
          rules.length === 0
            ? html`<div class="empty"><p>No reference fits the filter.</p></div>`
            : this.#table(session, rules, answer.zones)
        }
      </div>
    `;
  }

  #select(
    label: string,
    all: string,
    values: readonly string[],
    value: string,
    set: (value: string) => void,
  ): TemplateResult {
    return html`<select
      aria-label=${label}
      .value=${value}
      @change=${(event: Event) => set((event.target as HTMLSelectElement).value)}
    >
      <option value="">${all}</option>
      ${values.map((each) => html`<option value=${each} ?selected=${each === value}>${each || 'global'}</option>`)}
    </select>`;
  }

  #table(session: Session, rules: readonly Rule[], zones: readonly string[]): TemplateResult {
    const shown = this.#window.rows(
      rules,
      rules.findIndex((rule) => rule.id === session.selected),
    );
    const groups = new Map<number, Rule[]>();
    for (const rule of shown) {
      const group = groups.get(rule.document);
      if (group) group.push(rule);
      else groups.set(rule.document, [rule]);
    }
    return html`${this.#window.before('references')}
      <table role="table" aria-label="What each reference hits">
        <colgroup>
          <col class="rule" />
          <col class="asks" />
          <col />
        </colgroup>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">Rule</th>
            <th role="columnheader" scope="col">Asks for</th>
            <th role="columnheader" scope="col">Hits service, port, zone</th>
          </tr>
        </thead>
        ${[...groups.values()].map((group) => this.#group(session, group, zones))}
      </table>
      ${this.#window.after(rules.length, 'references')}`;
  }

  #group(session: Session, rules: readonly Rule[], zones: readonly string[]): TemplateResult | typeof nothing {
    const [first] = rules;
    if (!first) return nothing;
    return html`<tbody role="rowgroup">
      <tr class="group" role="row">
        <th role="rowheader" scope="rowgroup" colspan="3">
          <span class="kind">${first.kind}</span>${placeLink(session, first.name, first.documentPlace)}${zoneMark(
            first.home,
            zones,
          )}
        </th>
      </tr>
      ${rules.map((rule) => this.#row(session, rule, zones))}
    </tbody>`;
  }

  #row(session: Session, rule: Rule, zones: readonly string[]): TemplateResult {
    const open = this.opened.has(rule.id);
    const answers = seen(rule, session.vantage.zone);
    const current = session.selected === rule.id;
    return html`<tr
        class="row"
        role="row"
        data-id=${rule.id}
        aria-current=${current ? 'true' : nothing}
        @click=${() => this.#choose(session, rule)}
      >
        <td role="cell">
          <button
            type="button"
            class="open mono"
            aria-expanded=${open ? 'true' : 'false'}
            @click=${(event: Event) => {
              event.stopPropagation();
              this.#toggle(rule.id);
              this.#choose(session, rule);
            }}
          >
            <span>${breakable(rule.path)}</span>
          </button>
        </td>
        <td role="cell">${codeText(rule.asks)}</td>
        <td role="cell">
          ${answers.length === 0 ? html`<span class="dim">has no effect here</span>` : nothing}
          ${answers.map(
            (answer) =>
              html`<div class="answer">
                ${
                  answers.length > 1
                    ? html`<div class="from small">from ${answer.zones.map((zone) => zoneMark(zone, zones))}</div>`
                    : nothing
                }
                ${answer.meaning && !answer.reason ? html`<div class="dim">${answer.meaning}</div>` : nothing}
                ${answer.hits.map((hit) => this.#hit(session, hit, zones))}
                ${answer.reason ? html`<div class="because ${answer.tone}">${codeText(answer.reason)}</div>` : nothing}
                ${answer.help ? html`<div class="dim">${codeText(answer.help)}</div>` : nothing}
                ${explainedRule(session, answer.rule)}
              </div>`,
          )}
        </td>
      </tr>
      ${open ? this.#more(session, answers, zones) : nothing}`;
  }

  #hit(session: Session, hit: Hit, zones: readonly string[]): TemplateResult {
    return html`<div class="hit">
      ${hitLink(session, hit)}
      ${hit.ports.length ? html`<span class="port mono">${portsText(hit.ports)}</span>` : nothing}
      ${hit.zone ? zoneMark(hit.zone, zones) : nothing}
      ${
        hit.endpoints === undefined
          ? nothing
          : html`<span class="small ${hit.endpoints === 0 ? 'nothing' : 'dim'}"
              >${count(hit.endpoints, 'endpoint')}</span
            >`
      }
      ${hit.noEndpoints ? html`<span class="dim">${codeText(hit.noEndpoints)}</span>` : nothing}
    </div>`;
  }

  #more(session: Session, answers: readonly RuleAnswer[], zones: readonly string[]): TemplateResult {
    return html`<tr class="more" role="row">
      <td role="cell" colspan="3">
        ${answers.map(
          (answer) =>
            html`${
              answers.length > 1
                ? html`<p class="from small">from ${answer.zones.map((zone) => zoneMark(zone, zones))}</p>`
                : nothing
            }
            ${
              answer.candidates.length === 0
                ? html`<p class="dim">
                    ${answer.tone === 'quiet' ? 'It names no resource, so there is nothing to choose between.' : 'Nothing of this kind was there to consider.'}
                  </p>`
                : html`<ul class="candidates">
                    ${answer.candidates.map(
                      (each) =>
                        html`<li>
                          ${
                            each.chosen
                              ? html`<span class="yes">✓<span class="visually-hidden"> meant</span></span>`
                              : html`<span class="no">✗<span class="visually-hidden"> not meant</span></span>`
                          }
                          <span>${placeLink(session, each.name, each.place)} ${zoneMark(each.zone, zones)}</span>
                          <span class="reason">${codeText(each.reason)}</span>
                        </li>`,
                    )}
                  </ul>`
            }`,
        )}
      </td>
    </tr>`;
  }

  protected override updated(_changed: PropertyValues<this>): void {
    const { session } = this;
    if (!session || !this.#arrivals.arrives(session)) return;
    this.renderRoot.querySelector('tr[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }
}

/** The answers that count from a vantage point; each zone's own without one. */
function seen(rule: Rule, zone: string): readonly RuleAnswer[] {
  return zone ? rule.answers.filter((answer) => answer.zones.includes(zone)) : rule.answers;
}

function misses(answers: readonly RuleAnswer[]): boolean {
  return answers.some((answer) => answer.tone === 'nothing');
}

customElements.define('ms-rules', MsRules);
