/** What the parts of the page share: the files, the newest answer, what is selected, where one looks from. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { Client } from '../client.js';
import type { Evaluation, Mode, Source } from '../types.js';
import { toAnswer, type Answer } from './answer.js';
import type { Place, Service } from './model.js';

/** An open file. The id stays when it is renamed or others close. */
export interface File {
  readonly id: number;
  readonly name: string;
  readonly text: string;
  /** Empty: the documents say their zone themselves, or it is global. */
  readonly zone: string;
}

/** The tabs of the answer. */
export const VIEWS = ['rules', 'services', 'problems'] as const;
/** One of them. */
export type View = (typeof VIEWS)[number];

/** The modes of `meshServices`, least to most. */
export const MODES: readonly Mode[] = ['Disabled', 'Everywhere', 'ReachableBackends', 'Exclusive'];

/** A mode by its name; empty, which means the written one, for anything else. */
export function toMode(text: string | undefined): '' | Mode {
  return MODES.find((mode) => mode === text) ?? '';
}

/** How the newest evaluation stands. */
export type Status =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly milliseconds: number }
  | { readonly kind: 'failed'; readonly message: string };

/** Who changed the selection: the other side follows. */
export type Side = 'editor' | 'answer';

/** Looks from one control plane, with one mesh mode to try. Empty: all zones; the mode that is written. */
export interface Vantage {
  readonly zone: string;
  readonly proxy: string;
  readonly mode: '' | Mode;
}

const DEBOUNCE = 60;

/** State and its changes; every change dispatches `change`. */
export class Session extends EventTarget {
  files: readonly File[] = [];
  active = 0;
  view: View = 'rules';
  vantage: Vantage = { zone: '', proxy: '', mode: '' };
  filter = '';
  status: Status = { kind: 'loading' };
  answer: Answer | undefined;
  evaluation: Evaluation | undefined;
  /** True from an edit until its answer. */
  stale = true;
  /** The selected row of the answer. */
  selected: string | undefined;
  /** Where the selection was made last. */
  side: Side = 'answer';

  #client: Client;
  #next = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #edition = 0;

  constructor(client = new Client()) {
    super();
    this.#client = client;
    client.warm();
  }

  /** The file that the editor shows. */
  get file(): File | undefined {
    return this.files[this.active];
  }

  /** The services that the vantage point has; from each home, those that live there. */
  get services(): readonly Service[] {
    const { zone } = this.vantage;
    const all = this.answer?.services ?? [];
    return all.filter((each) => (zone ? each.plane === zone : each.origin !== 'synced'));
  }

  /** The files as the engine takes them. */
  get sources(): Source[] {
    return this.files.map(({ name, text, zone }) => ({ name, text, ...(zone ? { zone } : {}) }));
  }

  /** Replaces all files, as an example or a link does. */
  open(files: readonly Omit<File, 'id'>[]): void {
    this.files = this.#named(files, new Set());
    this.active = 0;
    this.selected = undefined;
    this.answer = undefined;
    this.evaluation = undefined;
    this.status = { kind: 'loading' };
    this.#touch(0);
  }

  /** Adds files behind the open ones and shows the first of them. */
  add(files: readonly Omit<File, 'id'>[]): void {
    if (files.length === 0) return;
    const taken = new Set(this.files.map((file) => file.name));
    const added = this.#named(files, taken);
    this.active = this.files.length;
    this.files = [...this.files, ...added];
    this.#touch(0);
  }

  /** Changes a file; a new text waits a moment for the next key. */
  change(id: number, change: Partial<Omit<File, 'id'>>): void {
    const others = new Set(this.files.filter((file) => file.id !== id).map((file) => file.name));
    const name = change.name === undefined ? {} : { name: freeName(change.name, others) };
    this.files = this.files.map((file) => (file.id === id ? { ...file, ...change, ...name } : file));
    this.#touch(change.text === undefined ? 0 : DEBOUNCE);
  }

  /** Closes a file. */
  close(id: number): void {
    const at = this.files.findIndex((file) => file.id === id);
    if (at < 0) return;
    this.files = this.files.filter((file) => file.id !== id);
    if (this.active > at || this.active >= this.files.length) this.active = Math.max(0, this.active - 1);
    this.#touch(0);
  }

  /** Shows a file in the editor. */
  activate(index: number): void {
    if (index === this.active) return;
    this.active = index;
    this.#changed();
  }

  /** Shows a tab of the answer. */
  show(view: View): void {
    if (view === this.view) return;
    this.view = view;
    this.#changed();
  }

  /** Looks from elsewhere. */
  look(vantage: Partial<Vantage>): void {
    const mode = this.vantage.mode;
    this.vantage = { ...this.vantage, ...vantage };
    if (this.vantage.mode !== mode) this.#touch(0);
    else this.#changed();
  }

  /** Filters the rows by text. */
  find(filter: string): void {
    this.filter = filter;
    this.#changed();
  }

  /** Selects a row of the answer, or nothing. */
  select(id: string | undefined, side: Side): void {
    if (id === this.selected && side === this.side) return;
    this.selected = id;
    this.side = side;
    this.#changed();
  }

  /** Asks the editor to show a place. */
  reveal(place: Place, focus = false): void {
    if (place.source !== this.active && place.source < this.files.length) {
      this.active = place.source;
      this.#changed();
    }
    this.dispatchEvent(new CustomEvent<{ place: Place; focus: boolean }>('reveal', { detail: { place, focus } }));
  }

  /** The caret moved: what stands there becomes the selection. */
  caret(source: number, offset: number): void {
    if (this.stale) return;
    const id = this.answer?.at(source, offset);
    if (id !== undefined) this.select(id, 'editor');
  }

  /** Evaluates again, for instance after a failure. */
  retry(): void {
    this.status = { kind: 'loading' };
    this.#touch(0);
  }

  /** Ends the worker. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#client.close();
  }

  /** Gives ids, and names of their own: the engine tells sources apart by name. */
  #named(files: readonly Omit<File, 'id'>[], taken: Set<string>): File[] {
    return files.map((file) => {
      const name = freeName(file.name, taken);
      taken.add(name);
      return { ...file, name, id: this.#next++ };
    });
  }

  #touch(wait: number): void {
    this.stale = true;
    this.#edition++;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#evaluate(), wait);
    this.#changed();
  }

  async #evaluate(): Promise<void> {
    const { mode } = this.vantage;
    const edition = this.#edition;
    const { sources } = this;
    const outcome = await this.#client.evaluate(sources, mode ? { mode } : {});
    if (outcome.kind === 'superseded') return;
    if (outcome.kind === 'done') {
      this.evaluation = outcome.evaluation;
      this.answer = toAnswer(
        outcome.evaluation,
        sources.map((source) => source.text),
      );
      this.status = { kind: 'ready', milliseconds: outcome.milliseconds };
      // Typed on meanwhile: the tables may show this answer, but its offsets no longer fit the text.
      this.stale = edition !== this.#edition;
    } else {
      this.status = { kind: 'failed', message: outcome.message };
    }
    this.#changed();
    this.dispatchEvent(new Event('answer'));
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}

/** A name that none of the taken ones equals. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const dot = name.lastIndexOf('.');
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let n = 2; ; n++) if (!taken.has(`${stem}-${n}${end}`)) return `${stem}-${n}${end}`;
}

/** Renders a part anew at every change of the session that it was given. */
export class Follow implements ReactiveController {
  #session: Session | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly of: () => Session | undefined,
  ) {
    host.addController(this);
  }

  #update = (): void => this.host.requestUpdate();

  hostConnected(): void {
    this.hostUpdate();
  }

  hostUpdate(): void {
    const session = this.of();
    if (session === this.#session) return;
    this.#session?.removeEventListener('change', this.#update);
    this.#session = session;
    session?.addEventListener('change', this.#update);
  }

  hostDisconnected(): void {
    this.#session?.removeEventListener('change', this.#update);
    this.#session = undefined;
  }
}
