/** What the parts of the page share: the files, the newest answer, what is selected, where one looks from. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { Client } from '../client.js';
import type { MigrationAnswers, MigrationWants } from '../protocol.js';
import type {
  ChoiceReport,
  Environment,
  Evaluation,
  Mode,
  OfferReport,
  ProxyName,
  ProxyReport,
  RequestInput,
  RequestReport,
  SchemaFieldReport,
  Source,
} from '../types.js';
import { toAnswer, type Answer } from './answer.js';
import { mayHide, restoredReport, visibleReport } from './visible.js';
import type { Fix, LeftOut, Place, Service } from './model.js';

/** An open file. The id stays when it is renamed or others close. */
export interface File {
  readonly id: number;
  readonly name: string;
  readonly text: string;
  /** Empty: the documents say their zone themselves, or it is global. */
  readonly zone: string;
  /** Empty: both forms of documents are taken. */
  readonly environment: '' | Environment;
  /** The lines of the file end in CR LF; those of the text end in LF here, as editors count them. */
  readonly crlf?: boolean;
}

/** The text of a file as it was opened and edited, with its own line ends. */
export function fileText({ text, crlf }: Pick<File, 'text' | 'crlf'>): string {
  return crlf ? text.replaceAll('\n', '\r\n') : text;
}

/** The tabs of the answer. */
export const VIEWS = ['map', 'rules', 'services', 'proxies', 'request', 'migration', 'problems'] as const;
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
  | { readonly kind: 'failed'; readonly message: string }
  /** There is no YAML to evaluate. */
  | { readonly kind: 'missing'; readonly message: string };

/** Who changed the selection: the other side follows. */
export type Side = 'editor' | 'answer';

/** Looks from one control plane, with one mesh mode to try. Empty: all zones; the mode that is written. */
export interface Vantage {
  readonly zone: string;
  readonly proxy: string;
  readonly mode: '' | Mode;
}

const DEBOUNCE = 60;
const MOST_PROBES = 12;

/** A request that was tried. */
export interface Probe {
  readonly id: number;
  readonly input: RequestInput;
  readonly report: RequestReport | undefined;
  /** Where it has to land, as `landing` writes it; undefined if it is no check. */
  readonly expect: string | undefined;
}

/** What the user decided about a migration. */
export interface Decisions {
  /** By mesh and service with a slash between; the suggestion where there is none. */
  readonly choices: Readonly<Record<string, ChoiceReport>>;
  readonly via: 'Everywhere' | 'ReachableBackends';
}

/** What the Migration view shows besides its report. */
export type MigrationExtras = Omit<MigrationWants, 'decisions' | 'since'> & {
  readonly since: boolean;
  readonly versions: Versions;
};

/** Which two versions are compared: all files, or one of them by its id, as they were opened or as they are now. */
export interface Versions {
  readonly before: 'opened' | number;
  readonly after: 'now' | number;
}

const NO_EXTRAS: MigrationExtras = {
  rewritten: undefined,
  modes: false,
  since: false,
  versions: { before: 'opened', after: 'now' },
};

/** A proxy with the key that names it in a select or link. */
export interface NamedProxy extends ProxyName {
  readonly key: string;
}

/** Where a request lands, as one line: what a check compares. */
export function landing(report: RequestReport): string {
  const backends = report.backends.map(
    ({ destination, share }) =>
      `${destination.name}:${destination.port ?? ''} ${destination.zone} ${Math.round(share * 1000) / 10}%`,
  );
  return [report.outcome, ...backends].join(', ');
}

/** State and its changes; every change dispatches `change`, and all but the keys that are typed dispatch `state`. */
export class Session extends EventTarget {
  files: readonly File[] = [];
  active = 0;
  view: View = 'rules';
  vantage: Vantage = { zone: '', proxy: '', mode: '' };
  filter = '';
  /** Where the pages that explain codes and rules are, with a slash at its end; empty if there are none. */
  explain = '';
  status: Status = { kind: 'loading' };
  answer: Answer | undefined;
  evaluation: Evaluation | undefined;
  /** What the chosen proxy does. */
  proxy: ProxyReport | undefined;
  /** Requests that were tried, newest first, each with what became of it. */
  probes: readonly Probe[] = [];
  decisions: Decisions = { choices: {}, via: 'Everywhere' };
  extras: MigrationExtras = NO_EXTRAS;
  /** The way to MeshService, once its view was shown. */
  migration: MigrationAnswers | undefined;
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
  #owed = false;
  #wanted = '';
  #started = false;
  #opened: readonly File[] = [];
  /** The proxies that were named last, and of what. */
  #proxies: {
    readonly all: readonly ProxyName[] | undefined;
    readonly from: string;
    readonly named: readonly NamedProxy[];
  } = { all: undefined, from: '', named: [] };
  /** The files before rewrites were applied, oldest first. */
  #before: (readonly File[])[] = [];

  constructor(client = new Client()) {
    super();
    this.#client = client;
  }

  /** Lets the engine load and answer; before that edits only wait. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#client.warm();
    if (this.files.length > 0) this.#touch(0);
  }

  /** The opposite of `start`: the engine forgets this world until it is asked again. */
  rest(): void {
    this.#started = false;
    clearTimeout(this.#timer);
    this.#client.rest();
  }

  /** True if the files are not those that were opened. */
  get edited(): boolean {
    return this.files !== this.#opened;
  }

  /** The proxy of a name: `name`, `zone/name` or `zone/mesh/name`. */
  sender(name: string): ProxyName | undefined {
    return this.answer?.proxies.find((each) =>
      [each.name, `${each.zone}/${each.name}`, `${each.zone}/${each.mesh}/${each.name}`].includes(name),
    );
  }

  /** Says that there is nothing to show, and why. */
  miss(message: string): void {
    this.#stand({ kind: 'missing', message });
  }

  #stand(status: Status): void {
    this.status = status;
    this.#changed();
    this.dispatchEvent(new Event('failure'));
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

  /** The Kubernetes objects that Kuma makes nothing of, where one looks from. */
  get leftOut(): readonly LeftOut[] {
    const { zone } = this.vantage;
    return (this.answer?.leftOut ?? []).filter((each) => !zone || each.zone === zone);
  }

  /** The zones, in the order that gives them their colours. */
  get zones(): readonly string[] {
    return this.answer?.zones ?? [];
  }

  /** The proxies of the zone that one looks from. */
  get proxies(): readonly NamedProxy[] {
    const { zone } = this.vantage;
    const { all, from, named } = this.#proxies;
    if (all === this.answer?.proxies && from === zone) return named;
    const proxies = (this.answer?.proxies ?? [])
      .filter((each) => !zone || each.zone === zone)
      .map((each) => ({ ...each, key: `${each.zone}/${each.mesh}/${each.name}` }));
    this.#proxies = { all: this.answer?.proxies, from: zone, named: proxies };
    return proxies;
  }

  /** The proxy that Proxies shows: the chosen one, else the one with most to show, a client. */
  get proxyKey(): string {
    const { proxies, vantage } = this;
    return (proxies.find((each) => each.key === vantage.proxy) ?? proxies.at(-1))?.key ?? '';
  }

  /** The files as the engine takes them. */
  get sources(): Source[] {
    return this.files.map(toSource);
  }

  /** Replaces all files, as an example or a link does. */
  open(files: readonly Omit<File, 'id'>[]): void {
    this.files = this.#opened = this.#named(files, new Set());
    this.active = 0;
    this.selected = undefined;
    this.answer = undefined;
    this.evaluation = undefined;
    this.proxy = undefined;
    this.probes = [];
    this.migration = undefined;
    this.decisions = { choices: {}, via: 'Everywhere' };
    this.extras = NO_EXTRAS;
    this.#before = [];
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

  /** The fields at a place of a document, for completion. */
  fields(kind: string, path: readonly string[]): Promise<readonly SchemaFieldReport[]> {
    return this.#client.fields({ kind, path });
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
    if (!this.stale && this.#wanted !== this.#want()) void this.#evaluate(false);
  }

  /** Looks from elsewhere. */
  look(vantage: Partial<Vantage>): void {
    const { mode } = this.vantage;
    this.vantage = { ...this.vantage, ...vantage };
    if (this.vantage.mode !== mode) this.#touch(0);
    else {
      this.#changed();
      if (!this.stale && this.#wanted !== this.#want()) void this.#evaluate(false);
    }
  }

  /** Tries a request. */
  send(input: RequestInput, expect?: string): void {
    const probe: Probe = { id: this.#next++, input, report: undefined, expect };
    this.probes = [probe, ...this.probes].slice(0, MOST_PROBES);
    this.#changed();
    if (!this.stale) void this.#evaluate(false);
  }

  /** Makes a request a check that has to land where it lands now, or a plain one again. */
  pin(id: number, on: boolean): void {
    this.probes = this.probes.map((each) =>
      each.id === id ? { ...each, expect: on && each.report ? landing(each.report) : undefined } : each,
    );
    this.#changed();
  }

  /** Forgets a request. */
  drop(id: number): void {
    this.probes = this.probes.filter((each) => each.id !== id);
    this.#changed();
  }

  /** Decides about a migration. */
  decide(change: Partial<Decisions>): void {
    this.decisions = { ...this.decisions, ...change };
    this.extras = { ...this.extras, rewritten: undefined };
    this.#changed();
    if (!this.stale) void this.#evaluate(false);
  }

  /** Shows more about a migration: the effect of rewrites, the modes side by side, what is different since the start. */
  more(change: Partial<MigrationExtras>): void {
    this.extras = { ...this.extras, ...change };
    this.#changed();
    if (!this.stale) void this.#evaluate(false);
  }

  /** Makes one rewrite. */
  rewrite(offer: OfferReport): void {
    if (this.stale) return;
    const texts = this.files.map((file) => file.text);
    for (const edit of [...offer.edits].sort((a, b) => b.start.utf16 - a.start.utf16)) {
      const text = texts[edit.source];
      if (text === undefined) continue;
      texts[edit.source] = text.slice(0, edit.start.utf16) + edit.text + text.slice(edit.end.utf16);
    }
    this.#rewritten(texts);
  }

  /** Makes all rewrites, those included that come up by others. */
  rewriteAll(): void {
    const { rewritten } = this.migration ?? {};
    if (this.stale || !rewritten || this.extras.rewritten !== 'all') return;
    const texts = new Map(rewritten.sources.map(({ name, text }) => [name, text]));
    this.#rewritten(this.files.map((file) => texts.get(file.name) ?? file.text));
  }

  /** True if rewrites can be taken back. */
  get rewrittenBefore(): boolean {
    return this.#before.length > 0;
  }

  /** Gives the texts back as they were before the last rewrite. */
  unrewrite(): void {
    const before = this.#before.pop();
    if (!before) return;
    this.extras = { ...this.extras, rewritten: undefined };
    const texts = new Map(before.map((file) => [file.id, file.text]));
    this.files = this.files.map((file) => ({ ...file, text: texts.get(file.id) ?? file.text }));
    this.#touch(0);
  }

  #rewritten(texts: readonly string[]): void {
    this.#before.push(this.files);
    this.extras = { ...this.extras, rewritten: undefined };
    this.files = this.files.map((file, at) => ({ ...file, text: texts[at] ?? file.text }));
    this.#touch(0);
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

  /** Asks the editor for an edit; not while the text is newer than the answer that offers it. */
  repair(fix: Fix): void {
    if (this.stale) return;
    this.reveal(fix.place);
    this.dispatchEvent(new CustomEvent<Fix>('repair', { detail: fix }));
  }

  /** The caret moved: what stands there becomes the selection. */
  caret(source: number, offset: number): void {
    if (this.stale) return;
    const id = this.answer?.at(source, offset, this.view === 'problems');
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
      const text = file.text.replaceAll('\r\n', '\n');
      const crlf = text !== file.text && !/(?:^|[^\r])\n/.test(file.text);
      return { ...file, name, text, ...(crlf ? { crlf } : {}), id: this.#next++ };
    });
  }

  #touch(wait: number): void {
    this.stale = true;
    this.#edition++;
    clearTimeout(this.#timer);
    if (this.#started) this.#timer = setTimeout(() => void this.#evaluate(), wait);
    if (wait > 0) this.dispatchEvent(new Event('change'));
    else this.#changed();
  }

  /** The proxy that the shown view is about; empty where it is about none. */
  #want(): string {
    if (this.view === 'migration') return 'migration';
    return this.view === 'proxies' || (this.view === 'map' && this.vantage.proxy) ? this.proxyKey : '';
  }

  /** What the Migration view needs, if it is shown. */
  #migrationWants(): MigrationWants | undefined {
    if (this.view !== 'migration') return undefined;
    const { rewritten, modes, since, versions } = this.extras;
    const one = (id: number): Source[] => this.files.filter((file) => file.id === id).map(toSource);
    const before = versions.before === 'opened' ? this.#opened.map(toSource) : one(versions.before);
    const after = versions.after === 'now' ? undefined : one(versions.after);
    return {
      ...restoredReport({ decisions: this.decisions, rewritten, modes }),
      since: since ? { before, after } : undefined,
    };
  }

  async #evaluate(tables = true): Promise<void> {
    const edition = this.#edition;
    // Stays true until tables arrive: whoever takes a waiting call's place brings what that would have brought.
    if (tables) this.#owed = true;
    const { sources, probes, files } = this;
    const { mode } = this.vantage;
    const key = this.#want();
    const proxy = this.proxies.find((each) => each.key === key);
    const outcome = await this.#client.ask({
      sources,
      options: mode ? { mode } : {},
      wants: {
        tables: this.#owed,
        proxy: proxy && restoredReport({ zone: proxy.zone, mesh: proxy.mesh, name: proxy.name }),
        requests: probes.map((each) => restoredReport(each.input)),
        migration: this.#migrationWants(),
      },
    });
    if (outcome.kind === 'superseded') return;
    if (outcome.kind === 'failed') {
      this.#stand({ kind: 'failed', message: outcome.message });
      return;
    }
    const hides = files.some(hidesSomething);
    const { evaluation } = outcome.answers;
    const shown = hides ? visibleReport(outcome.answers) : outcome.answers;
    if (evaluation) {
      this.#owed = edition !== this.#edition;
      this.evaluation = evaluation;
      this.answer = toAnswer(
        shown.evaluation ?? evaluation,
        shown.kubernetes,
        sources.map((source) => source.text),
      );
      this.status = { kind: 'ready', milliseconds: outcome.milliseconds };
    }
    this.proxy = shown.proxy;
    this.migration = shown.migration ?? this.migration;
    this.#wanted = key;
    const reports = new Map(probes.map((each, at) => [each.id, shown.requests[at]]));
    this.probes = this.probes.map((each) => (reports.has(each.id) ? { ...each, report: reports.get(each.id) } : each));
    // Typed on meanwhile: the tables may show this answer, but its offsets no longer fit the text.
    this.stale = edition !== this.#edition;
    this.#changed();
    if (evaluation) this.dispatchEvent(new Event('answer'));
    // The first answer is what tells which proxies there are, and a probe may have been added meanwhile.
    if (!this.stale && (this.#want() !== key || this.probes.some((each) => !reports.has(each.id)))) {
      void this.#evaluate(false);
    }
  }

  #changed(): void {
    this.dispatchEvent(new Event('state'));
    this.dispatchEvent(new Event('change'));
  }
}

const hiding = new WeakMap<File, boolean>();

/** Whether an answer about this file may hold characters that nobody sees. */
function hidesSomething(file: File): boolean {
  const known = hiding.get(file) ?? mayHide(`${file.name} ${file.zone}\n${file.text}`);
  hiding.set(file, known);
  return known;
}

/** A file as the engine takes it. */
function toSource({ name, text, zone, environment }: File): Source {
  return { name, text, ...(zone ? { zone } : {}), ...(environment ? { environment } : {}) };
}

/** A name that none of the taken ones equals. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const dot = name.lastIndexOf('.');
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let n = 2; ; n++) if (!taken.has(`${stem}-${n}${end}`)) return `${stem}-${n}${end}`;
}

/** Whether a view has to go to the selected row: when it first shows, and whenever the editor chose. */
export class Arrivals {
  #last: string | undefined;

  /** True once for each selection that was not made in the view itself. */
  arrives({ answer, selected, side }: Session): boolean {
    const now = `${side} ${selected ?? ''}`;
    if (!answer || now === this.#last) return false;
    const first = this.#last === undefined;
    this.#last = now;
    return selected !== undefined && (first || side === 'editor');
  }
}

/**
 * Renders a part anew at every change of the session that it was given; `state` leaves out the keys that are typed, after
 * which there is nothing new to show until their answer.
 */
export class Follow implements ReactiveController {
  #session: Session | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly of: () => Session | undefined,
    private readonly event: 'state' | 'change' = 'state',
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
    this.#session?.removeEventListener(this.event, this.#update);
    this.#session = session;
    session?.addEventListener(this.event, this.#update);
  }

  hostDisconnected(): void {
    this.#session?.removeEventListener(this.event, this.#update);
    this.#session = undefined;
  }
}
