/**
 * Talks to the engine in a worker. One evaluation is under way at a time; while it runs only the newest request waits, so
 * the newest edit always wins and a slow world never builds a queue. A worker that dies or hangs is replaced; the caller
 * keeps its texts and is told.
 */
import type { Answers, FromWorker, ToWorker, WorkerCall } from './protocol.js';

/** How an evaluation ended. */
export type Outcome =
  | { readonly kind: 'done'; readonly answers: Answers; readonly milliseconds: number }
  /** A newer request took its place before it began. */
  | { readonly kind: 'superseded' }
  /** The engine stopped or hung on this input; a fresh one answers the next request. */
  | { readonly kind: 'failed'; readonly message: string };

/** Settings of a client; the defaults suit a page. */
export interface ClientOptions {
  /** Makes the worker. The default runs this package's own `worker.js`. */
  readonly worker?: () => Worker;
  /** After how many milliseconds without an answer the worker counts as hung. */
  readonly timeout?: number;
}

interface Job {
  readonly call: WorkerCall;
  readonly settle: (outcome: Outcome) => void;
}

const ownWorker = (): Worker => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });

/** One engine in one worker. */
export class Client {
  #make: () => Worker;
  #timeout: number;
  #worker: Worker | undefined;
  #id = 0;
  #running: (Job & { readonly id: number; readonly timer: ReturnType<typeof setTimeout> }) | undefined;
  #waiting: Job | undefined;
  #closed = false;

  constructor(options: ClientOptions = {}) {
    this.#make = options.worker ?? ownWorker;
    this.#timeout = options.timeout ?? 15_000;
  }

  /** Starts the worker, so that the engine loads before it is needed. */
  warm(): void {
    this.#start();
  }

  /** Asks about sources. Never rejects: what went wrong is part of the outcome. */
  ask(call: WorkerCall): Promise<Outcome> {
    return new Promise((settle) => {
      if (this.#closed) return settle({ kind: 'superseded' });
      this.#waiting?.settle({ kind: 'superseded' });
      this.#waiting = { call, settle };
      this.#next();
    });
  }

  /** Ends the worker; open requests end as superseded. */
  close(): void {
    this.#closed = true;
    this.#stop();
    for (const job of [this.#running, this.#waiting]) job?.settle({ kind: 'superseded' });
    if (this.#running) clearTimeout(this.#running.timer);
    this.#running = this.#waiting = undefined;
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = this.#make();
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.#answer(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#fail(event.message || 'the engine could not be loaded');
    };
    this.#worker = worker;
    return worker;
  }

  #stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #next(): void {
    if (this.#running || !this.#waiting) return;
    const job = this.#waiting;
    this.#waiting = undefined;
    const id = ++this.#id;
    const timer = setTimeout(
      () => this.#fail(`the engine gave no answer within ${this.#timeout / 1000} s`),
      this.#timeout,
    );
    this.#running = { ...job, id, timer };
    const message: ToWorker = { id, ...job.call };
    this.#start().postMessage(message);
  }

  #answer(message: FromWorker): void {
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
    this.#stop();
    const job = this.#running;
    this.#running = undefined;
    if (job) {
      clearTimeout(job.timer);
      job.settle({ kind: 'failed', message });
    }
    this.#next();
  }
}
