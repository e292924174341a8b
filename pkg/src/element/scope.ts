/** `<mesh-scope>`: the YAML on one side, what it hits on the other, each following the other. */
import type { Diagnostic as Mark } from '@codemirror/lint';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { toEnvironment } from '../link.js';
import type { Evaluation, Source } from '../types.js';
import { complete } from './complete.js';
import type { EditorHooks, Inlay, MsEditor } from './editor.js';
import { hoverCard } from './hover.js';
import './map.js';
import { Markup, toFiles } from './markup.js';
import './migration.js';
import type { Fix, Place } from './model.js';
import { count } from './parts.js';
import './problems.js';
import './proxies.js';
import './request.js';
import './rules.js';
import './services.js';
import { Follow, MODES, Session, toMode, VIEWS, type File, type View } from './session.js';
import { base, tokens } from './theme.js';
import { badges, visible } from './visible.js';

const TITLES: Readonly<Record<View, string>> = {
  map: 'Map',
  rules: 'Rules',
  services: 'Services',
  proxies: 'Proxies',
  request: 'Request',
  migration: 'Migration',
  problems: 'Problems',
};

const ENVIRONMENTS = [
  ['', 'any form'],
  ['universal', 'Universal'],
  ['kubernetes', 'Kubernetes'],
] as const;
const APPLIED = ['view', 'reference', 'request', 'mode'] as const;
const YAML_FILE = /\.(ya?ml|json|txt)$/i;
const MAX_DROPPED = 8 * 1024 * 1024;

export class MeshScope extends LitElement {
  static override styles = [
    tokens,
    base,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        height: var(--ms-height, 30rem);
        color-scheme: light dark;
        background: var(--ms-bg);
        container-type: inline-size;
      }
      :host([hidden]) {
        display: none;
      }
      :host([theme='light']) {
        color-scheme: light;
      }
      :host([theme='dark']) {
        color-scheme: dark;
      }
      .split {
        display: grid;
        grid-template-columns: minmax(0, var(--left, 46fr)) 9px minmax(0, var(--right, 54fr));
        grid-template-rows: minmax(0, 1fr);
        flex: 1;
        min-height: 0;
      }
      .split.alone {
        grid-template-columns: minmax(0, 1fr);
      }
      .pane {
        display: flex;
        flex-direction: column;
        min-width: 0;
        min-height: 0;
      }
      .grip {
        position: relative;
        cursor: col-resize;
        touch-action: none;
      }
      .grip::before {
        content: '';
        position: absolute;
        inset: 0 4px;
        background: var(--ms-line);
      }
      .grip:hover::before,
      .grip:focus-visible::before {
        inset: 0 3px;
        background: var(--ms-accent);
      }
      .tabs {
        display: flex;
        flex-wrap: wrap;
        flex: none;
        align-items: stretch;
        min-height: 37px;
        padding: 0 8px;
        border-bottom: 1px solid var(--ms-line);
        background: var(--ms-bg-2);
      }
      .tablist {
        display: flex;
        min-width: 0;
        overflow-x: auto;
        padding-inline-end: 14px;
        mask-image: linear-gradient(to right, #000 calc(100% - 18px), transparent);
        scrollbar-width: none;
      }
      .tab {
        position: relative;
        display: inline-flex;
        align-items: center;
        gap: 6px;
        height: 36px;
        padding: 0 8px;
        border: 0;
        background: none;
        color: var(--ms-fg-2);
        white-space: nowrap;
      }
      .tablist + .icon {
        margin-inline-start: -8px;
      }
      .tab .name {
        overflow: hidden;
        max-width: 220px;
        text-overflow: ellipsis;
      }
      .tab:hover {
        color: var(--ms-fg);
      }
      .tab[aria-selected='true'] {
        color: var(--ms-fg);
      }
      .tab[aria-selected='true']::after {
        content: '';
        position: absolute;
        inset: auto 6px 0;
        height: 2px;
        border-radius: 2px 2px 0 0;
        background: var(--ms-accent);
      }
      .tab:focus-visible {
        outline-offset: -3px;
      }
      .badge {
        min-width: 18px;
        padding: 0 5px;
        border-radius: 9px;
        background: var(--ms-bg-3);
        color: var(--ms-fg-2);
        font-size: 11px;
        font-variant-numeric: tabular-nums;
        line-height: 17px;
        text-align: center;
      }
      .badge.error {
        background: var(--ms-bad-bg);
        color: var(--ms-bad);
      }
      .badge.warning {
        background: var(--ms-warn-bg);
        color: var(--ms-warn);
      }
      .icon {
        display: inline-grid;
        flex: none;
        place-items: center;
        align-self: center;
        width: 26px;
        height: 26px;
        padding: 0;
        border: 0;
        border-radius: 5px;
        background: none;
        color: var(--ms-fg-2);
        font-size: 15px;
        line-height: 1;
      }
      .icon:hover {
        background: var(--ms-bg-3);
        color: var(--ms-fg);
      }
      .home {
        display: flex;
        flex: none;
        flex-wrap: wrap;
        gap: 6px 10px;
        align-items: center;
        padding: 5px 12px;
        border-bottom: 1px solid var(--ms-line);
        color: var(--ms-fg-2);
        font-size: var(--ms-size-s);
      }
      .home label,
      .vantage label {
        display: inline-flex;
        gap: 6px;
        align-items: center;
      }
      .home input,
      .home select,
      .vantage select {
        height: 24px;
        padding: 0 5px;
        border-color: var(--ms-line);
        background: var(--ms-bg);
        color: var(--ms-fg);
        font-size: var(--ms-size-s);
      }
      .home input {
        width: 80px;
        border: 1px solid var(--ms-line);
        border-radius: var(--ms-radius);
      }
      .home input.name {
        width: 112px;
        font-family: var(--ms-mono);
      }
      .outline select {
        max-width: 128px;
      }
      .home .icon {
        margin-inline-start: auto;
        width: 22px;
        height: 22px;
      }
      .vantage select {
        max-width: 134px;
      }
      .vantage {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 6px;
        align-items: center;
        margin-inline-start: auto;
        padding: 4px 4px;
        color: var(--ms-fg-2);
        font-size: var(--ms-size-s);
      }
      ms-editor,
      .plain {
        flex: 1;
      }
      .plain {
        margin: 0;
        padding: 8px 12px;
        overflow: auto;
      }
      .panel {
        position: relative;
        flex: 1;
        min-height: 0;
        overflow: hidden;
      }
      .panel.stale {
        opacity: 0.62;
        transition: opacity 0.15s 0.25s;
      }
      .foot {
        display: flex;
        flex: none;
        flex-wrap: wrap;
        gap: 0 16px;
        padding: 4px 14px;
        border-top: 1px solid var(--ms-line);
        background: var(--ms-bg-2);
        color: var(--ms-fg-2);
        font-size: var(--ms-size-s);
        font-variant-numeric: tabular-nums;
      }
      .foot .bad {
        color: var(--ms-bad);
      }
      .foot .push {
        margin-inline-start: auto;
      }
      .drop {
        position: absolute;
        z-index: 5;
        inset: 8px;
        display: grid;
        place-items: center;
        border: 2px dashed var(--ms-accent);
        border-radius: 8px;
        background: color-mix(in srgb, var(--ms-bg) 88%, transparent);
        color: var(--ms-accent);
        font-size: var(--ms-size-l);
        pointer-events: none;
      }
      .left {
        position: relative;
      }
      @container (max-width: 1180px) {
        .home label > span {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }
        .home {
          flex-wrap: nowrap;
          gap: 8px;
        }
        .home label {
          flex: 1 1 0;
          min-width: 0;
        }
        .home .outline {
          flex-grow: 1.4;
        }
        .home input,
        .home input.name,
        .home select {
          width: 100%;
          min-width: 0;
          max-width: none;
        }
      }
      @container (max-width: 480px) {
        .home .outline,
        .badge:not(.error, .warning) {
          display: none;
        }
        .pane:not(.left) .tab {
          padding: 0 5px;
          font-size: 12px;
        }
      }
      @container (max-width: 780px) {
        .split {
          grid-template-columns: minmax(0, 1fr);
          grid-template-rows: minmax(0, var(--left, 44fr)) 9px minmax(0, var(--right, 56fr));
        }
        .split.alone {
          grid-template-rows: minmax(0, 1fr);
        }
        .grip {
          cursor: row-resize;
        }
        .grip::before {
          inset: 4px 0;
        }
        .grip:hover::before,
        .grip:focus-visible::before {
          inset: 3px 0;
        }
        .tab {
          padding: 0 8px;
        }
        .foot {
          padding: 3px 12px;
        }
        .foot .wide {
          display: none;
        }
        .vantage {
          flex: 1 1 100%;
          padding-bottom: 6px;
        }
        .vantage label {
          flex: 1;
          min-width: 0;
        }
        .vantage select {
          width: 100%;
          min-width: 0;
          max-width: none;
        }
      }
    `,
  ];
  static override properties = {
    theme: { reflect: true },
    readonly: { type: Boolean, reflect: true },
    editor: { reflect: true },
    src: {},
    view: {},
    reference: { attribute: 'focus' },
    request: {},
    mode: {},
    dropping: { state: true },
  };

  declare theme: string | undefined;
  declare readonly: boolean;
  declare editor: string | undefined;
  /** The address of the YAML, or several with spaces between them; `#zone` at the end of one is its zone. */
  declare src: string | undefined;
  /** The view that is shown: `map`, `rules`, `services`, `proxies`, `request`, `migration` or `problems`. */
  declare view: string | undefined;
  /** Attribute `focus`: the reference that is selected, as `MeshHTTPRoute/name to[0].rules[0].backendRefs[0]`. */
  declare reference: string | undefined;
  /** A request that is tried, as `web-1 GET http://orders.mesh/v2 x-user: beta`. */
  declare request: string | undefined;
  /** Another `meshServices.mode` to try. */
  declare mode: string | undefined;
  declare dropping: boolean;
  /** The state behind it; a page may drive it. */
  readonly session: Session;
  #marked: unknown;
  #markup: Markup;
  #files: unknown;

  constructor() {
    super();
    this.readonly = false;
    this.dropping = false;
    this.session = new Session();
    this.#markup = new Markup(this);
    new Follow(this, () => this.session, 'change');
    this.session.addEventListener('reveal', this.#reveal);
    this.session.addEventListener('repair', this.#repair);
    this.session.addEventListener('answer', () => this.#tell('mesh-scope-result', this.session.evaluation));
    this.session.addEventListener('failure', () => {
      const { status } = this.session;
      if (status.kind === 'failed' || status.kind === 'missing')
        this.#tell('mesh-scope-error', { message: status.message });
    });
    this.session.addEventListener('change', () => {
      if (this.session.files === this.#files) return;
      this.#files = this.session.files;
      if (this.session.edited) this.#tell('mesh-scope-edit', this.session.sources);
    });
  }

  #tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /** The YAML, as the engine takes it; setting it opens it. */
  get sources(): Source[] {
    return this.session.sources;
  }

  set sources(sources: readonly Source[]) {
    this.session.open(toFiles(sources));
    this.#markup.apply();
  }

  /** Puts the attributes to work again, after the session was opened by other means. */
  applyMarkup(): void {
    this.#markup.apply();
  }

  /** The height, in CSS pixels, at which neither the YAML nor the answer has to scroll. */
  contentHeight(): number {
    const panel = this.renderRoot.querySelector<HTMLElement>('#panel');
    const view = panel?.firstElementChild;
    if (!panel || !view) return 0;
    const top = view.getBoundingClientRect().top - view.scrollTop;
    const ends = [...(view.shadowRoot?.children ?? [])].map(
      (part) =>
        part.getBoundingClientRect().top + Math.max(part.scrollHeight, part.getBoundingClientRect().height) - top,
    );
    const answer = Math.max(0, ...ends) - panel.clientHeight;
    const editor = this.#editorElement;
    const yaml = editor ? editor.contentHeight() - editor.clientHeight : 0;
    return this.offsetHeight + Math.max(answer, yaml);
  }

  /** The newest answer; undefined until there is one. */
  get result(): Evaluation | undefined {
    return this.session.evaluation;
  }

  get #editorElement(): MsEditor | null {
    return customElements.get('ms-editor') ? this.renderRoot.querySelector('ms-editor') : null;
  }

  #hooks: EditorHooks = {
    changed: (file, text) => this.session.change(file, { text }),
    caret: (file, offset) => this.session.caret(this.#index(file), offset),
    hover: (file, offset) => hoverCard(this.session, this.#index(file), offset),
    complete: (context) => complete(this.session, context),
  };

  #index(file: number): number {
    return this.session.files.findIndex((each) => each.id === file);
  }

  #reveal = (event: Event): void => {
    const { place, focus } = (event as CustomEvent<{ place: Place; focus: boolean }>).detail;
    void this.#editorLoaded().then(() => {
      if (place.source === this.session.active) this.#editorElement?.reveal(place.from, place.to, focus);
    });
  };

  #repair = (event: Event): void => {
    const { place, text } = (event as CustomEvent<Fix>).detail;
    void this.updateComplete.then(() => {
      if (this.readonly || this.session.stale || place.source !== this.session.active) return;
      this.#editorElement?.edit(place.from, place.to, text);
    });
  };

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('src') && this.src) void this.#markup.load(this.src);
    else if (APPLIED.some((name) => changed.has(name))) this.#markup.apply();
  }

  /** Waits for the editor, where there is to be one: its code is most of the element's and comes only when it is shown. */
  async #editorLoaded(): Promise<void> {
    if (this.editor === 'off') return;
    if (!customElements.get('ms-editor')) {
      await import('./editor.js');
      this.requestUpdate();
    }
    await this.updateComplete;
  }

  protected override updated(_changed: PropertyValues<this>): void {
    const { session } = this;
    // Without it the text is there to be read; the next rendering tries again.
    if (!customElements.get('ms-editor')) this.#editorLoaded().catch(() => undefined);
    const editor = this.#editorElement;
    const { file } = session;
    if (!editor || !file) return;
    editor.hooks = this.#hooks;
    editor.show(file.id, file.text);
    const key = session.stale ? undefined : session.answer;
    const mark = key && [key, file.id];
    if (mark && (!Array.isArray(this.#marked) || mark.some((part, at) => part !== (this.#marked as unknown[])[at]))) {
      this.#marked = mark;
      void editor.updateComplete.then(() => editor.mark(this.#marks(), this.#inlays()));
    }
    const place = session.selected && !session.stale ? session.answer?.place(session.selected) : undefined;
    editor.highlight(place && place.source === session.active ? { from: place.from, to: place.to } : undefined);
  }

  #marks(): Mark[] {
    const { answer, active, file } = this.session;
    return (answer?.problems ?? []).flatMap((problem): Mark[] => {
      if (!problem.place || problem.place.source !== active) return [];
      return [
        {
          from: problem.place.from,
          to: firstLine(file?.text ?? '', problem.place),
          severity: problem.severity,
          source: problem.code,
          message: problem.help ? `${problem.message}\n${problem.help}` : problem.message,
          actions: this.readonly
            ? []
            : problem.fixes.map((fix) => ({
                name: fix.title.replaceAll('`', ''),
                apply: () => this.session.repair(fix),
              })),
        },
      ];
    });
  }

  #inlays(): Inlay[] {
    const { answer, active } = this.session;
    return answer?.notes.filter((note) => note.source === active) ?? [];
  }

  protected override render(): TemplateResult {
    const alone = this.editor === 'off';
    return html`<div class="split ${alone ? 'alone' : ''}">
        ${alone ? nothing : html`${this.#left()}${this.#grip()}`} ${this.#right()}
      </div>
      ${this.#foot()}`;
  }

  #left(): TemplateResult {
    const { session } = this;
    const { file } = session;
    return html`<section
      class="pane left"
      part="editor"
      aria-label="YAML"
      @dragover=${this.#dragOver}
      @dragleave=${() => (this.dropping = false)}
      @drop=${this.#drop}
      @paste=${this.#paste}
    >
      <div class="tabs" part="tabs">
        <div class="tablist" role="tablist" aria-label="Files" @keydown=${this.#arrows}>
          ${session.files.map(
            (each, at) =>
              html`<button
                type="button"
                role="tab"
                class="tab mono"
                aria-selected=${at === session.active ? 'true' : 'false'}
                tabindex=${at === session.active ? 0 : -1}
                @click=${() => session.activate(at)}
              >
                <span class="name">${badges(visible(each.name))}</span>
              </button>`,
          )}
        </div>
        ${
          this.readonly
            ? nothing
            : html`<button
                type="button"
                class="icon"
                aria-label="New file"
                title="New file"
                @click=${() => session.add([{ name: 'new.yaml', text: '', zone: '', environment: '' }])}
              >
                +
              </button>`
        }
      </div>
      ${file ? this.#home(file) : nothing}
      ${
        customElements.get('ms-editor')
          ? html`<ms-editor
              ?readonly=${this.readonly}
              role="tabpanel"
              aria-label=${visible(file?.name ?? 'YAML')}
            ></ms-editor>`
          : html`<pre class="plain mono" tabindex="0" role="tabpanel" aria-label="YAML">
${visible(file?.text ?? '')}</pre>`
      }
      ${this.dropping ? html`<div class="drop">Drop YAML files to open them</div>` : nothing}
    </section>`;
  }

  /** What the file says of all its documents: its name, whose control plane gets them, how that runs. */
  #home(file: File): TemplateResult {
    const { session } = this;
    const documents = (session.answer?.documents ?? []).filter((each) => each.place.source === session.active);
    const value = (event: Event): string => (event.target as HTMLInputElement).value.trim();
    return html`<div class="home">
      <label
        ><span>File</span>
        <input
          class="name"
          type="text"
          .value=${file.name}
          ?disabled=${this.readonly}
          @change=${(event: Event) => session.change(file.id, { name: value(event) || file.name })}
      /></label>
      <label title="Whose control plane gets the documents that carry no label kuma.io/zone"
        ><span>Zone</span>
        <input
          type="text"
          placeholder="global"
          list="zones"
          .value=${file.zone}
          ?disabled=${this.readonly}
          @change=${(event: Event) => session.change(file.id, { zone: value(event) })}
      /></label>
      <datalist id="zones">
        ${(session.answer?.zones ?? []).filter(Boolean).map((zone) => html`<option value=${zone}></option>`)}
      </datalist>
      <label title="Where these documents would be applied: the other form is refused there"
        ><span class="visually-hidden">Runs on</span>
        <select
          ?disabled=${this.readonly}
          @change=${(event: Event) => session.change(file.id, { environment: toEnvironment(value(event)) })}
        >
          ${ENVIRONMENTS.map(
            ([each, title]) => html`<option value=${each} ?selected=${each === file.environment}>${title}</option>`,
          )}
        </select></label
      >
      <label class="outline" title="Go to a document of this file"
        ><span class="visually-hidden">Go to</span>
        <select
          @change=${(event: Event) => {
            const select = event.target as HTMLSelectElement;
            const to = documents[Number(select.value)];
            select.value = '';
            if (to) session.reveal(to.place, true);
          }}
        >
          <option value="">${count(documents.length, 'document')}</option>
          ${documents.map((each, at) => html`<option value=${at}>${each.title}</option>`)}
        </select></label
      >
      ${
        this.readonly || session.files.length < 2
          ? nothing
          : html`<button
              type="button"
              class="icon"
              aria-label="Close ${visible(file.name)}"
              title="Close this file"
              @click=${() => session.close(file.id)}
            >
              ×
            </button>`
      }
    </div>`;
  }

  #grip(): TemplateResult {
    return html`<div
      class="grip"
      role="separator"
      tabindex="0"
      aria-label="Size of the editor"
      aria-valuenow="46"
      aria-valuemin="15"
      aria-valuemax="85"
      @pointerdown=${this.#drag}
      @keydown=${(event: KeyboardEvent) => {
        const step = { ArrowLeft: -4, ArrowUp: -4, ArrowRight: 4, ArrowDown: 4 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        const grip = event.currentTarget as HTMLElement;
        this.#resize(grip, Number(grip.getAttribute('aria-valuenow')) + step);
      }}
    ></div>`;
  }

  #drag = (event: PointerEvent): void => {
    const grip = event.currentTarget as HTMLElement;
    const split = grip.parentElement;
    if (!split) return;
    grip.setPointerCapture(event.pointerId);
    const move = (at: PointerEvent): void => {
      const box = split.getBoundingClientRect();
      const stacked = grip.offsetWidth > grip.offsetHeight;
      const part = stacked ? (at.clientY - box.top) / box.height : (at.clientX - box.left) / box.width;
      this.#resize(grip, part * 100);
    };
    grip.addEventListener('pointermove', move);
    grip.addEventListener('lostpointercapture', () => grip.removeEventListener('pointermove', move), { once: true });
  };

  #resize(grip: HTMLElement, percent: number): void {
    const value = Math.round(Math.min(85, Math.max(15, percent)));
    grip.setAttribute('aria-valuenow', String(value));
    grip.parentElement?.style.setProperty('--left', `${value}fr`);
    grip.parentElement?.style.setProperty('--right', `${100 - value}fr`);
  }

  #right(): TemplateResult {
    const { session } = this;
    return html`<section class="pane" part="answer" aria-label="Answer">
      <div class="tabs" part="tabs">
        <div class="tablist" role="tablist" aria-label="Views" @keydown=${this.#arrows}>
          ${VIEWS.map(
            (view) =>
              html`<button
                type="button"
                role="tab"
                class="tab"
                id="tab-${view}"
                aria-controls="panel"
                aria-selected=${view === session.view ? 'true' : 'false'}
                tabindex=${view === session.view ? 0 : -1}
                @click=${() => session.show(view)}
              >
                ${TITLES[view]} ${this.#badge(view)}
              </button>`,
          )}
        </div>
        ${this.#vantage()}
      </div>
      <div
        class="panel ${session.stale && session.status.kind !== 'failed' ? 'stale' : ''}"
        id="panel"
        role="tabpanel"
        aria-labelledby="tab-${session.view}"
        aria-busy=${session.stale ? 'true' : 'false'}
      >
        ${this.#panel(session.view)}
      </div>
    </section>`;
  }

  #vantage(): TemplateResult {
    const { session } = this;
    const zones = session.answer?.zones ?? [];
    return html`<div class="vantage">
      ${
        zones.length > 1
          ? html`<label
              ><span class="visually-hidden">View from</span>
              <select
                @change=${(event: Event) => session.look({ zone: (event.target as HTMLSelectElement).value, proxy: '' })}
              >
                <option value="" ?selected=${session.vantage.zone === ''}>from home zones</option>
                ${zones.map(
                  (zone) =>
                    html`<option value=${zone || 'global'} ?selected=${session.vantage.zone === (zone || 'global')}>
                      from ${zone || 'global'}
                    </option>`,
                )}
              </select></label
            >`
          : nothing
      }
      <label title="Try another meshServices.mode without editing"
        ><span class="visually-hidden">Mode</span>
        <select @change=${(event: Event) => session.look({ mode: toMode((event.target as HTMLSelectElement).value) })}>
          <option value="" ?selected=${session.vantage.mode === ''}>mode as written</option>
          ${MODES.map((mode) => html`<option value=${mode} ?selected=${session.vantage.mode === mode}>${mode}</option>`)}
        </select></label
      >
    </div>`;
  }

  #badge(view: View): TemplateResult | typeof nothing {
    const { answer } = this.session;
    if (!answer) return nothing;
    if (view === 'problems') {
      const errors = answer.problems.some((problem) => problem.severity === 'error');
      const warnings = answer.problems.some((problem) => problem.severity === 'warning');
      if (answer.problems.length === 0) return nothing;
      return html`<span class="badge ${errors ? 'error' : warnings ? 'warning' : ''}">${answer.problems.length}</span>`;
    }
    const { services, probes } = this.session;
    const n = { rules: answer.rules.length, services: services.length, request: probes.length }[view as string] ?? 0;
    return n ? html`<span class="badge">${n}</span>` : nothing;
  }

  #panel(view: View): TemplateResult {
    const { session } = this;
    switch (view) {
      case 'map':
        return html`<ms-map .session=${session}></ms-map>`;
      case 'proxies':
        return html`<ms-proxies .session=${session}></ms-proxies>`;
      case 'request':
        return html`<ms-request .session=${session}></ms-request>`;
      case 'rules':
        return html`<ms-rules .session=${session}></ms-rules>`;
      case 'services':
        return html`<ms-services .session=${session}></ms-services>`;
      case 'migration':
        return html`<ms-migration .session=${session}></ms-migration>`;
      case 'problems':
        return html`<ms-problems .session=${session} ?readonly=${this.readonly}></ms-problems>`;
    }
  }

  #foot(): TemplateResult {
    const { session } = this;
    const { status, answer } = session;
    return html`<div class="foot" part="foot">
      ${
        status.kind === 'failed'
          ? html`<span class="bad" role="alert">The engine stopped: ${status.message}. Your text is kept.</span
              ><button class="link" type="button" @click=${() => session.retry()}>Try again</button>`
          : status.kind === 'missing'
            ? html`<span class="bad">There is no YAML.</span>`
            : status.kind === 'loading' || !answer
              ? html`<span>Loading the engine…</span>`
              : html`<span
                  >${count(answer.documents.length, 'document')}, evaluated in
                  ${milliseconds(status.milliseconds)}</span
                >`
      }
      ${answer ? html`<span class="wide">Kuma ${answer.kuma}</span>` : nothing}
      <span class="push wide">Nothing leaves this page</span>
    </div>`;
  }

  #arrows = (event: KeyboardEvent): void => {
    const list = event.currentTarget as HTMLElement;
    const tabs = [...list.querySelectorAll<HTMLElement>('[role=tab]')];
    const at = tabs.indexOf(event.target as HTMLElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length];
    tab?.click();
    void this.updateComplete.then(() => tab?.focus());
  };

  #dragOver = (event: DragEvent): void => {
    if (this.readonly || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.dropping = true;
  };

  /** Files on the clipboard are opened; text goes where the caret is. In the capturing phase, before the editor takes it. */
  #paste = {
    capture: true,
    handleEvent: (event: ClipboardEvent): void => {
      const files = event.clipboardData?.files;
      if (this.readonly || !files?.length) return;
      event.preventDefault();
      event.stopPropagation();
      void this.read(files);
    },
  };

  #drop = (event: DragEvent): void => {
    const files = event.dataTransfer?.files;
    this.dropping = false;
    if (this.readonly || !files?.length) return;
    event.preventDefault();
    void this.read(files);
  };

  /** Opens files from disk beside the open ones. */
  async read(files: Iterable<globalThis.File>): Promise<void> {
    const texts: Omit<File, 'id'>[] = [];
    for (const file of files) {
      if (file.size > MAX_DROPPED || !(YAML_FILE.test(file.name) || file.type.startsWith('text/'))) continue;
      texts.push({ name: file.name, text: await file.text(), zone: '', environment: '' });
    }
    this.session.add(texts);
  }
}

/** The end of what is underlined: a problem of a whole document is not worth waves under all of it. */
function firstLine(text: string, place: Place): number {
  const end = text.indexOf('\n', place.from);
  return end < 0 ? place.to : Math.min(place.to, Math.max(end, place.from));
}

function milliseconds(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}

// Two copies of the script on one page are one element.
if (!customElements.get('mesh-scope')) customElements.define('mesh-scope', MeshScope);

declare global {
  interface HTMLElementTagNameMap {
    'mesh-scope': MeshScope;
  }
  interface HTMLElementEventMap {
    /** There is a new answer. */
    'mesh-scope-result': CustomEvent<Evaluation>;
    /** The YAML was edited. */
    'mesh-scope-edit': CustomEvent<readonly Source[]>;
    /** The YAML could not be loaded, or the engine stopped. */
    'mesh-scope-error': CustomEvent<{ readonly message: string }>;
  }
}
