/**
 * Talks to the engine in a worker. All clients of a page share one worker, one evaluation is under way at a time, and of
 * each client only the newest request waits, so the newest edit always wins and a slow world never builds a queue. A
 * worker that dies or hangs is replaced; the caller keeps its texts and is told.
 */
import type { Answers, FieldsCall, FromWorker, ToWorker, WorkerCall } from './protocol.js';
import type { SchemaFieldReport } from './types.js';

/** How an evaluation ended. */
export type Outcome =
  | { readonly kind: 'done'; readonly answers: Answers; readonly milliseconds: number }
  /** A newer request took its place before it began. */
  | { readonly kind: 'superseded' }
  /** The engine stopped or hung on this input; a fresh one answers the next request. */
  | { readonly kind: 'failed'; readonly message: string };

/** Settings of a client; the defaults suit a page. */
export interface ClientOptions {
  /** Makes the worker, which then is this client's own. The default shares the page's, which runs this package's `worker.js`. */
  readonly worker?: () => Worker;
  /** After how many milliseconds without an answer the worker counts as hung; for a worker of its own. */
  readonly timeout?: number;
}

interface Job {
  readonly client: number;
  readonly call: WorkerCall;
  readonly settle: (outcome: Outcome) => void;
}

const TIMEOUT = 15_000;

// Bundlers look for exactly this expression.
const ownWorker = (): Worker => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });

/** One worker and the clients that wait for it. */
class Engine {
  #worker: Worker | undefined;
  #id = 0;
  #running: (Job & { readonly id: number; readonly timer: ReturnType<typeof setTimeout> }) | undefined;
  /** By client; who waits longest comes first. */
  #waiting = new Map<number, Job>();
  #fields = new Map<number, (fields: readonly SchemaFieldReport[]) => void>();

  constructor(
    private readonly make: () => Worker,
    private readonly timeout: number,
  ) {}

  start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = this.make();
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.#answer(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#fail(event.message || 'the engine could not be loaded');
    };
    this.#worker = worker;
    return worker;
  }

  put(job: Job): void {
    const before = this.#waiting.get(job.client);
    this.#waiting.set(job.client, job);
    before?.settle({ kind: 'superseded' });
    this.#next();
  }

  /** The fields at a place of a document; none if the worker dies over it. */
  fields(call: FieldsCall): Promise<readonly SchemaFieldReport[]> {
    return new Promise((settle) => {
      const id = ++this.#id;
      this.#fields.set(id, settle);
      try {
        this.start().postMessage({ type: 'fields', id, ...call } satisfies ToWorker);
      } catch {
        this.#fields.delete(id);
        settle([]);
      }
    });
  }

  /** Forgets a client: its open requests end, and the worker drops its world. */
  forget(client: number): void {
    const waiting = this.#waiting.get(client);
    this.#waiting.delete(client);
    waiting?.settle({ kind: 'superseded' });
    if (this.#running?.client === client) this.#running.settle({ kind: 'superseded' });
    this.#worker?.postMessage({ type: 'forget', client } satisfies ToWorker);
  }

  stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    if (this.#running) clearTimeout(this.#running.timer);
    this.#running = undefined;
    for (const settle of this.#fields.values()) settle([]);
    this.#fields.clear();
  }

  #next(): void {
    if (this.#running) return;
    const [job] = this.#waiting.values();
    if (!job) return;
    this.#waiting.delete(job.client);
    const id = ++this.#id;
    const timer = setTimeout(
      () => this.#fail(`the engine gave no answer within ${this.timeout / 1000} s`),
      this.timeout,
    );
    this.#running = { ...job, id, timer };
    try {
      this.start().postMessage({ type: 'ask', id, client: job.client, ...job.call } satisfies ToWorker);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  #answer(message: FromWorker): void {
    if (message.type === 'fields') {
      this.#fields.get(message.id)?.(message.fields);
      this.#fields.delete(message.id);
      return;
    }
    const job = this.#running;
    if (!job || message.id !== job.id) return;
    if (message.type === 'crashed') return this.#fail(message.message);
    clearTimeout(job.timer);
    this.#running = undefined;
    job.settle({ kind: 'done', answers: message.answers, milliseconds: message.milliseconds });
    this.#next();
  }

  /** A trapped or hung WebAssembly instance is not used again. */
  #fail(message: string): void {
    const job = this.#running;
    this.stop();
    job?.settle({ kind: 'failed', message });
    this.#next();
  }
}

let shared: Engine | undefined;
let makeShared = ownWorker;
let clients = 0;

/**
 * Says how the page's shared worker is made, for bundlers that do not follow `new URL('./worker.js', import.meta.url)`.
 * Call it before the first element or client is there.
 */
export function useWorker(make: () => Worker): void {
  makeShared = make;
  shared?.stop();
  shared = undefined;
}

/**
 * A module worker from an address of another origin. Browsers only start scripts of the page's own origin, so one of that
 * origin imports it; the other side has to allow that (CORS), and the page `worker-src blob:`.
 */
export function importedWorker(address: string | URL): Worker {
  const script = `import ${JSON.stringify(new URL(address, document.baseURI).href)};`;
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(url, { type: 'module' });
  worker.addEventListener('message', () => URL.revokeObjectURL(url), { once: true });
  return worker;
}

/** One world in a worker. */
export class Client {
  #engine: Engine;
  #own: boolean;
  #client = ++clients;
  #closed = false;

  constructor(options: ClientOptions = {}) {
    this.#own = options.worker !== undefined || options.timeout !== undefined;
    this.#engine = this.#own
      ? new Engine(options.worker ?? makeShared, options.timeout ?? TIMEOUT)
      : (shared ??= new Engine(() => makeShared(), TIMEOUT));
  }

  /** Starts the worker, so that the engine loads before it is needed. */
  warm(): void {
    try {
      this.#engine.start();
    } catch {
      // The first request says why.
    }
  }

  /** Asks about sources. Never rejects: what went wrong is part of the outcome. */
  ask(call: WorkerCall): Promise<Outcome> {
    return new Promise((settle) => {
      if (this.#closed) settle({ kind: 'superseded' });
      else this.#engine.put({ client: this.#client, call, settle });
    });
  }

  /** The fields at a place of a document, for completion. */
  fields(call: FieldsCall): Promise<readonly SchemaFieldReport[]> {
    return this.#closed ? Promise.resolve([]) : this.#engine.fields(call);
  }

  /** Lets the worker drop this client's world until the next request. */
  rest(): void {
    this.#engine.forget(this.#client);
  }

  /** Ends this client; open requests end as superseded. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#engine.forget(this.#client);
    if (this.#own) this.#engine.stop();
  }
}
