/** The Map view: who talks to what by which rule, as columns; the same as a table for those who do not see it. */
import {
  css,
  html,
  LitElement,
  nothing,
  svg,
  type PropertyValues,
  type SVGTemplateResult,
  type TemplateResult,
} from 'lit';
import {
  grouped,
  layout,
  NODE,
  proxyGraph,
  referencesGraph,
  through,
  type Column,
  type Edge,
  type Graph,
  type Layout,
  type Placed,
} from './graph.js';
import { waiting } from './parts.js';
import { Arrivals, Follow, type Session } from './session.js';
import { base } from './theme.js';
import { Window } from './window.js';

const HEADS: Readonly<Record<Column, string>> = {
  proxy: 'Proxy',
  rule: 'Rule',
  service: 'Service and port',
  zone: 'Zone',
  endpoint: 'Endpoint',
};
const ZOOMS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2] as const;

export class MsMap extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
        min-height: 0;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 12px;
        align-items: center;
        padding: 8px 14px;
        border-bottom: 1px solid var(--ms-line);
      }
      .bar .zoom {
        display: flex;
        gap: 4px;
        margin-inline-start: auto;
      }
      .bar select {
        max-width: 260px;
      }
      .zoom .button {
        justify-content: center;
        min-width: 28px;
        padding: 0 6px;
      }
      .scroll {
        flex: 1;
        min-height: 0;
        overflow: auto;
        padding: 12px 14px 20px;
      }
      svg {
        display: block;
      }
      .scroll > svg {
        overflow: visible;
      }
      .node svg {
        overflow: hidden;
      }
      .head {
        fill: var(--ms-fg-2);
        font: 500 11.5px var(--ms-font);
      }
      .node {
        cursor: pointer;
      }
      .node rect.box {
        fill: var(--ms-bg);
        stroke: var(--ms-line-2);
      }
      .node:hover rect.box {
        stroke: var(--ms-accent);
      }
      .node:focus-visible {
        outline: none;
      }
      .node:focus-visible rect.box {
        stroke: var(--ms-accent);
        stroke-width: 2;
      }
      .node rect.mark {
        fill: var(--zone-color, var(--ms-line-2));
      }
      .node text {
        fill: var(--ms-fg);
        font: 12px var(--ms-mono);
      }
      .node text.detail {
        fill: var(--ms-fg-2);
        font: 10.5px var(--ms-font);
      }
      .node.bad rect.box {
        fill: var(--ms-bad-bg);
        stroke: var(--ms-bad);
      }
      .node.bad text.title {
        fill: var(--ms-bad);
      }
      .node.quiet rect.box {
        stroke-dasharray: 3 3;
      }
      .edge {
        fill: none;
        stroke: var(--zone-color, var(--ms-line-2));
        stroke-width: 1.4;
        opacity: 0.7;
      }
      .label {
        fill: var(--ms-fg-2);
        font: 10.5px var(--ms-font);
        paint-order: stroke;
        stroke: var(--ms-bg);
        stroke-width: 4px;
      }
      .lit .node:not(.on),
      .lit .label:not(.on) {
        opacity: 0.25;
      }
      .lit .edge:not(.on) {
        opacity: 0.12;
      }
      .lit .edge.on {
        stroke-width: 2.2;
        opacity: 1;
      }
      .table {
        margin-top: 16px;
        color: var(--ms-fg-2);
      }
      .table summary {
        width: max-content;
        cursor: pointer;
      }
      table {
        width: 100%;
        max-width: 900px;
        margin-top: 6px;
        border-collapse: collapse;
        color: var(--ms-fg);
      }
      th,
      td {
        padding: 3px 12px 3px 0;
        border-bottom: 1px solid var(--ms-line);
        overflow-wrap: anywhere;
        text-align: start;
      }
      th {
        color: var(--ms-fg-2);
        font-size: var(--ms-size-s);
        font-weight: 500;
      }
      .node.pinned rect.box {
        fill: var(--ms-accent-bg);
        stroke: var(--ms-accent);
      }
    `,
  ];
  static override properties = {
    session: { attribute: false },
    zoom: { state: true },
    over: { state: true },
    pinned: { state: true },
    open: { state: true },
    table: { state: true },
  };

  declare session: Session | undefined;
  declare zoom: number;
  declare over: string | undefined;
  declare pinned: string | undefined;
  /** The groups that are open. */
  declare open: ReadonlySet<string>;
  /** Whether the table is open. */
  declare table: boolean;
  #key: readonly unknown[] = [];
  /** As it is drawn. */
  #graph: Graph = { nodes: [], edges: [], paths: [], rows: new Map() };
  /** Without groups. */
  #whole: Graph = this.#graph;
  #inside: ReadonlyMap<string, string> = new Map();
  #layout: Layout | undefined;
  #arrivals = new Arrivals();
  #window = new Window(200, () => this.requestUpdate());

  constructor() {
    super();
    this.zoom = 0;
    this.open = new Set();
    this.table = false;
    new Follow(this, () => this.session);
  }

  protected override willUpdate(): void {
    const { session } = this;
    if (!session?.answer) return;
    const proxy = session.vantage.proxy ? session.proxy : undefined;
    const key = [session.answer, proxy, session.vantage.zone, this.open];
    if (key.every((part, at) => part === this.#key[at])) return;
    this.#key = key;
    const { answer } = session;
    this.#whole = proxy
      ? proxyGraph(proxy, answer.toPlace)
      : referencesGraph(answer.rules, answer.services, session.vantage.zone);
    ({ graph: this.#graph, inside: this.#inside } = grouped(this.#whole, this.open));
    this.#layout = layout(this.#graph);
    if (this.pinned && !this.#graph.nodes.some((node) => node.id === this.pinned)) this.pinned = undefined;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { session } = this;
    if (!session) return nothing;
    if (!session.answer) return html`${waiting(session)}`;
    const picture = this.#layout;
    return html`<div class="bar">
        <label
          >Show
          <select @change=${(event: Event) => session.look({ proxy: (event.target as HTMLSelectElement).value })}>
            <option value="" ?selected=${session.vantage.proxy === ''}>all rules</option>
            ${session.proxies.map(
              (each) =>
                html`<option value=${each.key} ?selected=${session.vantage.proxy === each.key}>
                  what ${each.name} in ${each.zone} reaches
                </option>`,
            )}
          </select></label
        >
        ${
          this.open.size > 0
            ? html`<button class="button" type="button" @click=${() => (this.open = new Set())}>Group again</button>`
            : nothing
        }
        <span class="zoom">
          <button class="button" type="button" aria-label="Smaller" @click=${() => this.#step(-1)}>−</button>
          <button class="button" type="button" aria-label="Larger" @click=${() => this.#step(1)}>+</button>
          <button class="button" type="button" @click=${() => (this.zoom = 0)}>Fit</button>
        </span>
      </div>
      ${
        picture && picture.nodes.length > 0
          ? html`<div class="scroll" tabindex="0" role="region" aria-label="Map">
              ${this.#picture(session, picture)}${this.#asTable(this.#whole)}
            </div>`
          : html`<div class="empty">
              <h2>Nothing to draw</h2>
              <p>No rule here is about a service.</p>
            </div>`
      }`;
  }

  #step(by: number): void {
    const now = this.zoom || this.#fit();
    const at = ZOOMS.findIndex((zoom) => zoom >= now - 0.01);
    this.zoom = ZOOMS[Math.min(ZOOMS.length - 1, Math.max(0, (at < 0 ? ZOOMS.length - 1 : at) + by))] ?? 1;
  }

  /** The zoom at which the width fits; below what can be read it scrolls instead. */
  #fit(): number {
    const width = this.clientWidth - 32;
    return this.#layout ? Math.min(1.25, Math.max(0.75, width / this.#layout.width)) : 1;
  }

  #picture(session: Session, picture: Layout): TemplateResult {
    const zoom = this.zoom || this.#fit();
    const lit = this.over ?? this.pinned;
    const on = lit ? through(this.#graph, lit) : undefined;
    const at = new Map(picture.nodes.map((node) => [node.id, node]));
    return html`<svg
      class=${on ? 'lit' : ''}
      role="group"
      aria-label="Map of references"
      viewBox="0 0 ${picture.width} ${picture.height}"
      width=${Math.round(picture.width * zoom)}
      height=${Math.round(picture.height * zoom)}
      @keydown=${this.#keys}
    >
      <g aria-hidden="true">
        ${picture.columns.map((column) => svg`<text class="head" x=${column.x} y="14">${HEADS[column.name]}</text>`)}
        ${picture.edges.map((edge) => this.#edge(edge, at, on, session.zones))}
      </g>
      ${picture.nodes.map((node) => this.#node(session, node, on))}
    </svg>`;
  }

  #edge(
    edge: Edge,
    at: ReadonlyMap<string, Placed>,
    on: ReadonlySet<string> | undefined,
    zones: readonly string[],
  ): SVGTemplateResult | typeof nothing {
    const from = at.get(edge.from);
    const to = at.get(edge.to);
    if (!from || !to) return nothing;
    const [x1, y1, x2, y2] = [from.x + from.width, from.y + NODE.height / 2, to.x, to.y + NODE.height / 2];
    const bend = (x2 - x1) / 2;
    const state = on?.has(`${edge.from}\n${edge.to}`) ? 'on' : '';
    return svg`<path
        class="edge ${zoneClass(edge.zone, zones)} ${state}"
        d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"
      ></path>
      ${
        edge.label
          ? svg`<text class="label ${state}" text-anchor="end" x=${x2 - 5} y=${y2 - 5}>${edge.label}</text>`
          : nothing
      }`;
  }

  #node(session: Session, node: Placed, on: ReadonlySet<string> | undefined): SVGTemplateResult {
    const pinned = this.pinned === node.id;
    const text = [HEADS[node.column], node.title, node.detail, node.zone && node.column !== 'zone' ? node.zone : '']
      .filter(Boolean)
      .join(', ');
    const oneLine = node.detail === '';
    return svg`<g
      class="node ${node.tone} ${zoneClass(node.zone, session.zones)} ${on?.has(node.id) ? 'on' : ''} ${pinned ? 'pinned' : ''}"
      transform="translate(${node.x} ${node.y})"
      tabindex="0"
      role="button"
      data-id=${node.id}
      aria-label=${text}
      aria-pressed=${pinned ? 'true' : 'false'}
      @click=${() => this.#choose(session, node)}
      @pointerenter=${() => (this.over = node.id)}
      @pointerleave=${() => (this.over = undefined)}
      @focus=${() => (this.over = node.id)}
      @blur=${() => (this.over = undefined)}
    >
      <title>${text}</title>
      <rect class="box" width=${node.width} height=${NODE.height} rx="5"></rect>
      ${node.zone ? svg`<rect class="mark" x="0" y="6" width="3.5" height=${NODE.height - 12} rx="1.75"></rect>` : nothing}
      <svg width=${node.width - 6} height=${NODE.height}>
        <text class="title" x="11" y=${oneLine ? 23.5 : 16}>${clipped(node.title, node.width, 7.3)}</text>
        ${oneLine ? nothing : svg`<text class="detail" x="11" y="30">${clipped(node.detail, node.width, 5.5)}</text>`}
      </svg>
    </g>`;
  }

  #choose(session: Session, node: Placed): void {
    if (node.id.startsWith('more:')) {
      const first = [...this.#inside].find(([, group]) => group === node.id)?.[0];
      this.open = new Set([...this.open, node.id]);
      this.over = undefined;
      void this.updateComplete.then(() => this.#focus(first));
      return;
    }
    this.pinned = this.pinned === node.id ? undefined : node.id;
    if (node.row) session.select(node.row, 'answer');
    if (node.place) session.reveal(node.place);
  }

  #keys = (event: KeyboardEvent): void => {
    const target = event.target as SVGGElement;
    const id = target.dataset['id'];
    const node = this.#layout?.nodes.find((each) => each.id === id);
    if (!node || !this.session) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.#choose(this.session, node);
      return;
    }
    if (event.key === 'Escape') {
      this.pinned = undefined;
      return;
    }
    const next = this.#neighbour(node, event.key);
    if (!next) return;
    event.preventDefault();
    this.#focus(next.id);
  };

  #focus(id: string | undefined): void {
    if (id) this.renderRoot.querySelector<SVGGElement>(`[data-id="${CSS.escape(id)}"]`)?.focus();
  }

  /** Arrow keys go up and down a column, and along edges to the left and right. */
  #neighbour(node: Placed, key: string): Placed | undefined {
    const nodes = this.#layout?.nodes ?? [];
    const column = nodes.filter((each) => each.column === node.column);
    const at = column.indexOf(node);
    if (key === 'ArrowUp') return column[at - 1];
    if (key === 'ArrowDown') return column[at + 1];
    const edge =
      key === 'ArrowRight'
        ? this.#graph.edges.find((each) => each.from === node.id)?.to
        : key === 'ArrowLeft'
          ? this.#graph.edges.find((each) => each.to === node.id)?.from
          : undefined;
    return nodes.find((each) => each.id === edge);
  }

  /** The same content as a table, for those who do not see the picture or want to search in it. */
  #asTable(picture: Graph): TemplateResult {
    return html`<details
      class="table"
      ?open=${this.table}
      @toggle=${(event: Event) => (this.table = (event.target as HTMLDetailsElement).open)}
    >
      <summary>The map as a table</summary>
      ${this.table ? this.#table(picture) : nothing}
    </details>`;
  }

  #table(picture: Graph): TemplateResult {
    const names = new Map(picture.nodes.map((node) => [node.id, node]));
    const name = (id: string): string => {
      const node = names.get(id);
      return node ? [node.title, node.detail].filter(Boolean).join(', ') : '';
    };
    return html`<table aria-label="The map as a table">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Share</th>
            <th scope="col">Zone</th>
          </tr>
        </thead>
        <tbody>
          ${this.#window.rows(picture.edges, -1).map(
            (edge) =>
              html`<tr>
                <td>${name(edge.from)}</td>
                <td>${name(edge.to)}</td>
                <td>${edge.label || 'all'}</td>
                <td>${edge.zone || 'none'}</td>
              </tr>`,
          )}
        </tbody>
      </table>
      ${this.#window.after(picture.edges.length, 'rows')}`;
  }

  protected override updated(_changed: PropertyValues<this>): void {
    const { session } = this;
    if (!session || !this.#arrivals.arrives(session)) return;
    const row = session.selected ?? '';
    const whole = this.#whole.rows.get(row) ?? this.#whole.nodes.find((node) => node.row === row)?.id;
    const id = whole && (this.#inside.get(whole) ?? whole);
    if (!id || !this.#layout?.nodes.some((node) => node.id === id)) return;
    this.pinned = id;
    this.renderRoot.querySelector(`[data-id="${CSS.escape(id)}"]`)?.scrollIntoView({ block: 'nearest' });
  }
}

/** Text that fits into a node: the rest is in its name, which the pointer shows. */
function clipped(text: string, width: number, letter: number): string {
  const most = Math.floor((width - 16) / letter);
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function zoneClass(zone: string, zones: readonly string[]): string {
  const at = zones.indexOf(zone);
  return at < 0 ? '' : `zone-${at % 8}`;
}

customElements.define('ms-map', MsMap);
