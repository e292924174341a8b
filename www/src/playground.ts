/** `<mesh-playground>`: the page around `<mesh-scope>`: examples, links, theme; it keeps the state of this tab. */
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { fileText, type MeshScope } from 'meshscope/element';
import { base, tokens } from 'meshscope/theme';
import { embedSnippets, type Snippets } from 'meshscope/embed';
import { fromLink, linkVersion, toLink, type LinkState } from 'meshscope/link';
import pages from 'virtual:book';
import { examples, filesOf, type Example } from './gallery.js';
import { markdown } from './markdown.js';
import { Memory } from './memory.js';
import { capture, restore } from './state.js';
import { zip } from './zip.js';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const THEME_KEY = 'meshscope.theme';
/** In front of the address of a page that is inside of this one. */
const INSIDE = '#docs/';

export class MeshPlayground extends LitElement {
  static override styles = [
    tokens,
    base,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        background: var(--ms-bg);
      }
      header {
        display: flex;
        flex: none;
        gap: 8px;
        align-items: center;
        min-height: 46px;
        padding: 0 12px;
        border-bottom: 1px solid var(--ms-line);
      }
      .brand {
        display: flex;
        gap: 8px;
        align-items: center;
        font-size: var(--ms-size-l);
        font-weight: 650;
        letter-spacing: -0.01em;
      }
      .brand h1 {
        margin: 0;
        font: inherit;
      }
      .brand img {
        width: 22px;
        height: 22px;
      }
      .say {
        overflow: hidden;
        min-width: 0;
        color: var(--ms-fg-2);
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .push {
        margin-inline-start: auto;
      }
      mesh-scope {
        flex: 1;
        min-height: 0;
      }
      dialog {
        width: min(860px, calc(100vw - 24px));
        max-height: calc(100dvh - 40px);
        padding: 0;
        border: 1px solid var(--ms-line-2);
        border-radius: 10px;
        background: var(--ms-bg);
        color: var(--ms-fg);
        box-shadow: var(--ms-shadow);
      }
      dialog::backdrop {
        background: rgb(10 12 20 / 0.4);
      }
      .top {
        position: sticky;
        z-index: 1;
        top: 0;
        display: flex;
        align-items: center;
        padding: 12px 16px;
        border-bottom: 1px solid var(--ms-line);
        background: var(--ms-bg);
      }
      .top .close {
        width: 28px;
        height: 28px;
        margin-inline-start: auto;
        border: 0;
        border-radius: 5px;
        background: none;
        font-size: 17px;
      }
      .cards {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(250px, 1fr));
        gap: 10px;
        padding: 14px 16px 18px;
      }
      .card {
        display: grid;
        gap: 4px;
        align-content: start;
        width: 100%;
        height: 100%;
        padding: 11px 13px;
        border: 1px solid var(--ms-line);
        border-radius: 8px;
        background: var(--ms-bg);
        text-align: start;
      }
      .card:hover {
        border-color: var(--ms-accent);
        background: var(--ms-bg-2);
      }
      .card strong {
        font-weight: 600;
      }
      .card span {
        color: var(--ms-fg-2);
        font-size: 12.5px;
      }
      .docs {
        padding: 0 20px 30px;
        font-size: 14px;
        line-height: 1.55;
      }
      .docs h1,
      .docs h2,
      .docs h3 {
        margin: 26px 0 8px;
        scroll-margin-top: 64px;
      }
      .docs p,
      .docs figure {
        margin: 8px 0;
      }
      .docs li {
        list-style: disc inside;
      }
      .docs a {
        color: var(--ms-accent);
      }
      .docs pre {
        overflow: auto;
        padding: 10px 12px;
        border-radius: var(--ms-radius);
        background: var(--ms-bg-2);
        font: 12.5px/1.5 var(--ms-mono);
      }
      .trouble {
        display: flex;
        gap: 12px;
        align-items: center;
        margin: 0;
        padding: 6px 12px;
        border-bottom: 1px solid var(--ms-line);
        background: var(--ms-warn-bg);
      }
      .trouble .button {
        margin-inline-start: auto;
      }
      .share {
        display: grid;
        gap: 12px;
        padding: 16px;
      }
      .share .row {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      .share textarea {
        padding: 6px 9px;
        border: 1px solid var(--ms-line-2);
        border-radius: var(--ms-radius);
        background: var(--ms-bg);
        resize: vertical;
        white-space: pre;
      }
      .share input,
      .share textarea {
        flex: 1 1 260px;
        min-width: 0;
        font-family: var(--ms-mono);
        font-size: var(--ms-size-s);
      }
      @media (max-width: 860px) {
        .say {
          display: none;
        }
      }
      @media (max-width: 460px) {
        header {
          gap: 6px;
          padding: 0 8px;
        }
        .brand h1 {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }
        header .button,
        header select {
          padding: 0 7px;
        }
      }
    `,
  ];
  static override properties = {
    theme: { state: true },
    dialog: { state: true },
    page: { state: true },
    trouble: { state: true },
    link: { state: true },
    snippets: { state: true },
    said: { state: true },
    worlds: { state: true },
  };

  declare theme: Theme;
  declare dialog: '' | 'examples' | 'share' | 'docs';
  /** The page that is read, where pages are inside of this one. */
  declare page: string;
  /** Why what the address asks for is not shown. */
  declare trouble: string;
  declare link: string;
  declare snippets: Snippets | undefined;
  declare said: string;
  declare worlds: readonly Example[];
  #memory = new Memory();
  #saving: ReturnType<typeof setTimeout> | undefined;
  #lastFiles: unknown;

  constructor() {
    super();
    const stored = readTheme();
    this.theme = stored;
    this.dialog = '';
    this.page = '';
    this.trouble = '';
    this.link = '';
    this.said = '';
    this.worlds = [];
    document.documentElement.dataset['theme'] = stored;
  }

  get #scope(): MeshScope | null {
    return this.renderRoot.querySelector('mesh-scope');
  }

  protected override firstUpdated(): void {
    const session = this.#scope?.session;
    if (!session) return;
    session.explain = pages ? INSIDE : './';
    session.addEventListener('change', () => {
      if (session.files === this.#lastFiles && this.#saving) return;
      this.#lastFiles = session.files;
      clearTimeout(this.#saving);
      // Writing takes a while for long texts: it waits for a longer pause.
      const length = session.files.reduce((sum, file) => sum + file.text.length, 0);
      this.#saving = setTimeout(() => this.#save(), length < 100_000 ? 300 : 1500);
    });
    window.addEventListener('pagehide', () => this.#save());
    window.addEventListener('popstate', () => void this.#arrive());
    void this.#arrive();
  }

  #save(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    const session = this.#scope?.session;
    if (session && session.files.length > 0) this.#memory.keep(capture(session));
  }

  /** Comes to a place in the tab's history: what was kept there, else what the address says, else the first example. */
  async #arrive(): Promise<void> {
    const fragment = location.hash.slice(1);
    this.trouble = '';
    const kept = this.#memory.here(fragment);
    if (kept) return this.#restore(kept);
    const linked = await fromLink(fragment);
    if (linked) return this.#restore(linked);
    this.trouble = troubleOf(fragment);
    if (pages && location.hash.startsWith(INSIDE)) this.#read(location.hash);
    const query = new URLSearchParams(fragment);
    const all = await examples();
    const example = all.find((each) => each.id === query.get('example')) ?? all[0];
    if (!example) return;
    const view = query.get('view') ?? example.view;
    this.#restore({ files: filesOf(example), ...(view ? { view } : {}) });
  }

  #restore(state: LinkState): void {
    const session = this.#scope?.session;
    if (session) restore(session, state);
  }

  async #gallery(): Promise<void> {
    this.worlds = await examples();
    this.#show('examples');
  }

  #example(example: Example): void {
    this.#save();
    this.#show('');
    this.#memory.enter(`#example=${example.id}`);
    this.#restore({ files: filesOf(example), view: example.view ?? this.#scope?.session.view ?? 'rules' });
  }

  async #share(): Promise<void> {
    const session = this.#scope?.session;
    if (!session) return;
    const url = new URL(location.href);
    const state = capture(session);
    url.hash = await toLink(state);
    this.link = url.href;
    // What lies on a disk is no address for other pages.
    this.snippets = url.protocol === 'file:' ? undefined : await embedSnippets(state, new URL('.', url).href);
    this.said = '';
    this.#show('share');
  }

  async #copy(text: string, said: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.said = said;
    } catch {
      this.said = 'The browser did not allow copying; select the text and copy it yourself.';
    }
  }

  /** Opens a page that is inside of this one. */
  #read(hash: string): void {
    const [page = '', anchor = ''] = hash.slice(INSIDE.length).split('#');
    const html = pages?.[page];
    if (html === undefined) return;
    this.page = page;
    this.#show('docs');
    void this.updateComplete.then(() => {
      const body = this.renderRoot.querySelector('.docs');
      if (!body) return;
      body.innerHTML = html;
      const to = anchor ? body.querySelector(`#${CSS.escape(anchor)}`) : body;
      to?.scrollIntoView();
    });
  }

  /** Links to pages that are inside of this one do not leave it. */
  #follow = (event: Event): void => {
    if (!pages) return;
    const link = event.composedPath().find((each) => each instanceof HTMLAnchorElement);
    const to = link?.getAttribute('href') ?? '';
    const outside = to.startsWith('http') || /^(\.\.?\/)+#/.test(to);
    if (!link || to === '' || (outside && this.dialog !== 'docs')) return;
    event.preventDefault();
    if (to.startsWith(INSIDE)) return this.#read(to);
    if (outside) {
      this.renderRoot.querySelector('dialog')?.close();
      location.hash = to.slice(to.indexOf('#'));
      return;
    }
    const { pathname, hash } = new URL(to, `file:///${this.page}`);
    this.#read(INSIDE + pathname.slice(1) + hash);
  };

  #show(dialog: '' | 'examples' | 'share' | 'docs'): void {
    this.dialog = dialog;
    void this.updateComplete.then(() => {
      const element = this.renderRoot.querySelector('dialog');
      if (element && !element.open) element.showModal();
    });
  }

  #download(): void {
    const session = this.#scope?.session;
    if (!session) return;
    const text = session.files
      .map((file) => `# ${file.name}${file.zone ? ` (zone ${file.zone})` : ''}\n${file.text.trimEnd()}\n`)
      .join('---\n');
    save('world.yaml', new Blob([text], { type: 'application/yaml' }));
  }

  #downloadZip(): void {
    const session = this.#scope?.session;
    if (session) save('world.zip', zip(session.files.map((file) => ({ name: file.name, text: fileText(file) }))));
  }

  #theme(theme: Theme): void {
    this.theme = theme;
    document.documentElement.dataset['theme'] = theme;
    try {
      localStorage.setItem(THEME_KEY, theme);
    } catch {
      // Storage is switched off: the choice lasts as long as the page.
    }
  }

  protected override render(): TemplateResult {
    return html`<header>
        <span class="brand"
          ><img src="./favicon.svg" alt="" width="22" height="22" />
          <h1>meshscope</h1></span
        >
        <span class="say">what each rule of your Kuma YAML hits, and why</span>
        <button class="button push" type="button" @click=${() => void this.#gallery()}>Examples</button>
        <button class="button" type="button" @click=${() => this.#open()}>Open</button>
        <button class="button primary" type="button" @click=${() => void this.#share()}>Share</button>
        <input
          type="file"
          id="files"
          hidden
          multiple
          accept=".yaml,.yml,.json,.txt"
          aria-label="YAML files"
          @change=${(event: Event) => {
            const input = event.target as HTMLInputElement;
            if (input.files) void this.#scope?.read(input.files);
            input.value = '';
          }}
        />
        <select
          aria-label="Theme"
          @change=${(event: Event) => this.#theme((event.target as HTMLSelectElement).value as Theme)}
        >
          ${THEMES.map(
            (theme) =>
              html`<option value=${theme} ?selected=${theme === this.theme}>
                ${theme[0]?.toUpperCase()}${theme.slice(1)}
              </option>`,
          )}
        </select>
      </header>
      ${
        this.trouble
          ? html`<p class="trouble" role="alert">
              ${this.trouble}
              <button class="button" type="button" @click=${() => (this.trouble = '')}>OK</button>
            </p>`
          : nothing
      }
      <mesh-scope
        role="main"
        @click=${this.#follow}
        theme=${this.theme === 'system' ? nothing : this.theme}
      ></mesh-scope>
      ${this.dialog ? this.#dialog() : nothing}`;
  }

  #open(): void {
    this.renderRoot.querySelector<HTMLInputElement>('#files')?.click();
  }

  #dialog(): TemplateResult {
    const title = { examples: 'Examples', share: 'Share', docs: 'What it means', '': '' }[this.dialog];
    return html`<dialog aria-labelledby="title" @close=${() => (this.dialog = '')}>
      <div class="top">
        <h2 id="title">${title}</h2>
        <button
          class="close"
          type="button"
          aria-label="Close"
          @click=${(event: Event) => (event.target as HTMLElement).closest('dialog')?.close()}
        >
          ×
        </button>
      </div>
      ${
        this.dialog === 'examples'
          ? this.#examples()
          : this.dialog === 'docs'
            ? html`<div class="docs" @click=${this.#follow}></div>`
            : this.#sharing()
      }
    </dialog>`;
  }

  #examples(): TemplateResult {
    return html`<ul class="cards">
      ${this.worlds.map(
        (example) =>
          html`<li>
            <button class="card" type="button" @click=${() => this.#example(example)}>
              <strong>${example.title}</strong><span>${example.lesson}</span>
            </button>
          </li>`,
      )}
    </ul>`;
  }

  #snippet(title: string, text: string): TemplateResult {
    return html`<div class="row">
      <textarea readonly rows="3" spellcheck="false" aria-label=${title} .value=${text} @focus=${select}></textarea>
      <button class="button" type="button" @click=${() => void this.#copy(text, `${title} copied.`)}>
        Copy ${title.split(',')[0]?.toLowerCase()}
      </button>
    </div>`;
  }

  #sharing(): TemplateResult {
    const session = this.#scope?.session;
    return html`<div class="share">
      <p>
        The link holds your files and this view (${(this.link.length / 1000).toFixed(1)} kB). It is made here and sent
        nowhere: browsers keep what stands after <code>#</code> to themselves.
      </p>
      <div class="row">
        <input type="text" readonly aria-label="Link" .value=${this.link} @focus=${select} />
        <button class="button primary" type="button" @click=${() => void this.#copy(this.link, 'Link copied.')}>
          Copy link
        </button>
      </div>
      <div class="row">
        <button
          class="button"
          type="button"
          @click=${() => session && void this.#copy(markdown(session, this.link), 'Markdown copied.')}
        >
          Copy as Markdown
        </button>
        <button class="button" type="button" @click=${() => this.#download()}>Download YAML</button>
        <button class="button" type="button" @click=${() => this.#downloadZip()}>Download zip</button>
      </div>
      ${
        this.snippets
          ? html`<h3>Embed in another page</h3>
              ${this.#snippet('Element, with the YAML inside', this.snippets.element)}
              ${this.#snippet('Frame', this.snippets.iframe)}`
          : nothing
      }
      <p class="dim" role="status">${this.said}</p>
    </div>`;
  }
}

/** What is wrong with a fragment that looks like a link, but of which there is no state. */
function troubleOf(fragment: string): string {
  const version = linkVersion(fragment);
  if (version === undefined) return '';
  return version > 1
    ? 'This link was made by a newer meshscope than this one. Here is the example instead.'
    : 'This link cannot be read: it is cut off, changed or too large. Here is the example instead.';
}

/** Hands a file to the browser's downloads. */
function save(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function select(event: Event): void {
  (event.target as HTMLInputElement).select();
}

function readTheme(): Theme {
  try {
    const stored = localStorage.getItem(THEME_KEY);
    return THEMES.find((theme) => theme === stored) ?? 'system';
  } catch {
    return 'system';
  }
}

customElements.define('mesh-playground', MeshPlayground);
