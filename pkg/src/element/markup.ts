/** What a page says about `<mesh-scope>` in its markup: children, `src`, and attributes that need an answer first. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { toEnvironment } from '../link.js';
import type { ReferenceReport, Source } from '../types.js';
import { readHeaders } from './format.js';
import { toMode, VIEWS, type File, type Session } from './session.js';

type NewFile = Omit<File, 'id'>;

/** What of the element this needs. */
export interface Marked extends ReactiveControllerHost, HTMLElement {
  readonly session: Session;
  src: string | undefined;
  view: string | undefined;
  reference: string | undefined;
  request: string | undefined;
  mode: string | undefined;
}

/** How far below the screen the engine begins to load. */
const NEAR = '600px';

/** Reads the markup, and starts the engine once the element comes near the screen. */
export class Markup implements ReactiveController {
  #near: IntersectionObserver | undefined;
  #children: MutationObserver | undefined;
  #read = '';
  #loading: AbortController | undefined;
  #wanted: { reference: string | undefined; request: string | undefined } = {
    reference: undefined,
    request: undefined,
  };

  constructor(private readonly host: Marked) {
    host.addController(this);
    host.session.addEventListener('answer', () => this.#answered());
  }

  hostConnected(): void {
    const { host } = this;
    this.#near = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        this.#near?.disconnect();
        host.session.start();
      },
      { rootMargin: NEAR },
    );
    this.#near.observe(host);
    // Frameworks put children in after the element; once somebody has typed they are not read again.
    this.#children = new MutationObserver(() => this.children());
    this.#children.observe(host, { childList: true, subtree: true, characterData: true });
    this.children();
    // It was taken out of the page while its YAML was on the way.
    if (host.src && this.#loading?.signal.aborted) void this.load(host.src);
  }

  hostDisconnected(): void {
    this.#near?.disconnect();
    this.#children?.disconnect();
    this.#loading?.abort();
    // An element that only moves is there again at once.
    queueMicrotask(() => {
      if (!this.host.isConnected) this.host.session.rest();
    });
  }

  /** Opens the YAML between the tags. */
  children(): void {
    const { host } = this;
    if (host.src !== undefined || host.hasAttribute('src')) return;
    const files = readChildren(host);
    const read = JSON.stringify(files);
    if (files.length === 0 || read === this.#read) return;
    if (this.#read !== '' && host.session.edited) return;
    this.#read = read;
    host.session.open(files);
    this.apply();
  }

  /** Opens what `src` names: one address or several, with spaces between them. */
  async load(src: string): Promise<void> {
    const { host } = this;
    this.#loading?.abort();
    const loading = (this.#loading = new AbortController());
    const one = async (address: string): Promise<NewFile> => {
      const url = new URL(address, host.ownerDocument.baseURI);
      const response = await fetch(url, { signal: loading.signal });
      if (!response.ok) throw new Error(`${address}: status ${response.status}`);
      const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '') || 'world.yaml';
      // The part after # is the zone, as in `west.yaml#west`.
      return { name, text: await response.text(), zone: decodeURIComponent(url.hash.slice(1)), environment: '' };
    };
    try {
      const files = await Promise.all(src.trim().split(/\s+/).filter(Boolean).map(one));
      if (loading.signal.aborted) return;
      host.session.open(files);
      this.apply();
    } catch (error) {
      if (loading.signal.aborted) return;
      host.session.miss(error instanceof Error ? error.message : String(error));
    }
  }

  /** Puts the attributes to work. */
  apply(): void {
    const { session, view, mode, reference, request } = this.host;
    this.#wanted = { reference, request };
    if (mode !== undefined) session.look({ mode: toMode(mode) });
    const shown = VIEWS.find((each) => each === (view ?? (request ? 'request' : reference ? 'rules' : undefined)));
    if (shown) session.show(shown);
    if (!session.stale) this.#answered();
  }

  /** What could not be looked up before there was an answer. */
  #answered(): void {
    const { session } = this.host;
    const { reference, request } = this.#wanted;
    this.#wanted = { reference: undefined, request: undefined };
    if (reference) {
      const row = session.evaluation?.rules.find((each) => isNamed(each, reference));
      if (row) {
        session.select(row.id, 'answer');
        const place = session.answer?.place(row.id);
        if (place) session.reveal(place);
      }
    }
    if (request) {
      const input = readRequest(request);
      const sender = input && session.sender(input.from);
      if (input && sender) {
        const { zone, mesh, name } = sender;
        session.send({ zone, mesh, proxy: name, to: input.to, method: input.method, headers: input.headers });
      }
    }
  }
}

/** Sources as the session takes them. */
export function toFiles(sources: readonly Source[]): NewFile[] {
  return sources.map(({ name, text, zone, environment }) => ({
    name,
    text,
    zone: zone ?? '',
    environment: environment ?? '',
  }));
}

/** The text of an element; some highlighters (that of Docusaurus) end lines with `<br>` alone. */
function textOf(source: HTMLElement): string {
  const text = source.textContent ?? '';
  const breaks = source.querySelectorAll('br');
  if (breaks.length === 0 || text.trim().includes('\n')) return text;
  const copy = source.cloneNode(true) as HTMLElement;
  for (const each of copy.querySelectorAll('br')) each.replaceWith('\n');
  return copy.textContent ?? '';
}

/** `<script type="application/yaml">` and `<pre>`, which also is what Markdown makes of a fenced block. */
function readChildren(host: HTMLElement): NewFile[] {
  const found = [...host.querySelectorAll<HTMLElement>('script[type="application/yaml"], pre')];
  return found.map((source, at) => {
    // Markdown cannot put attributes on its blocks: what is around one may carry them as well.
    const data = (key: string): string => {
      for (let each: HTMLElement | null = source; each && each !== host; each = each.parentElement) {
        const value = each.dataset[key];
        if (value !== undefined) return value;
      }
      return '';
    };
    return {
      name: data('name') || (at === 0 ? 'world.yaml' : `world-${at + 1}.yaml`),
      text: dedent(textOf(source)),
      zone: data('zone'),
      environment: toEnvironment(data('environment')),
    };
  });
}

/** Text without the blank lines around it and without the indentation that all of its lines share. */
export function dedent(text: string): string {
  const lines = text
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const shared = Math.min(...indents, 80);
  return `${lines.map((line) => line.slice(shared)).join('\n')}\n`;
}

function shortPath(path: string): string {
  const parts = path.split('.').filter((part) => part !== 'spec' && part !== 'default' && part !== '');
  if (parts.length > 1 && parts.at(-1) === 'targetRef') parts.pop();
  return parts.join('.');
}

/** Whether `MeshHTTPRoute/name to[0].rules[0].backendRefs[0]` means this reference. The engine's `explain` reads it the same way. */
export function isNamed({ kind, name, path }: ReferenceReport, text: string): boolean {
  const [document = '', ...rest] = text.trim().split(/\s+/);
  const wanted = shortPath(rest.join(''));
  return document === `${kind}/${name}` && (wanted === '' || wanted === shortPath(path));
}

/** A request in words. */
export interface WrittenRequest {
  readonly from: string;
  readonly method: string;
  readonly to: string;
  readonly headers: Record<string, string>;
}

/** Reads `web-1 GET http://orders.mesh/v2 x-user: beta; x-version: 2`: the proxy, perhaps a method, the URL, perhaps headers. */
export function readRequest(text: string): WrittenRequest | undefined {
  const match = /^\s*(\S+)\s+(?:([A-Z]+)\s+)?(\S+)(?:\s+(.*))?$/s.exec(text);
  const headers = readHeaders(match?.[4] ?? '');
  if (!match?.[1] || !match[3] || !headers) return undefined;
  return { from: match[1], method: match[2] ?? '', to: match[3], headers };
}
