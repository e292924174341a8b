/** The messages between a page and the worker that holds the engine. */
import type { Evaluation, EvaluateOptions, Source } from './types.js';

/** What the worker can be asked. */
export interface WorkerCall {
  readonly type: 'evaluate';
  readonly sources: readonly Source[];
  readonly options: EvaluateOptions;
}

/** A call with the id that its answer will carry. */
export type ToWorker = WorkerCall & { readonly id: number };

/** An answer, or the news that the engine died on the call and this worker is of no more use. */
export type FromWorker =
  | { readonly id: number; readonly type: 'evaluated'; readonly evaluation: Evaluation; readonly milliseconds: number }
  | { readonly id: number; readonly type: 'crashed'; readonly message: string };
