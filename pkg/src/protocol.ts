/** The messages between a page and the worker that holds the engine. */
import type {
  DecisionsInput,
  DiffReport,
  Evaluation,
  EvaluateOptions,
  KubernetesReport,
  MigrationReport,
  ModeReport,
  ProxyName,
  ProxyReport,
  RequestInput,
  RequestReport,
  RewrittenReport,
  SchemaFieldReport,
  Source,
} from './types.js';

/** What is to be answered about a world. What is not asked for costs nothing. */
export interface Wants {
  /** Summary, rules, services, problems and Kubernetes objects. */
  readonly tables: boolean;
  /** What one proxy does. */
  readonly proxy: ProxyName | undefined;
  /** What becomes of these requests. */
  readonly requests: readonly RequestInput[];
  /** The way to MeshService. */
  readonly migration: MigrationWants | undefined;
}

/** What is to be answered about a migration. */
export interface MigrationWants {
  readonly decisions: DecisionsInput;
  /** The rewrites whose effect is to be shown: some by their ids, or all. */
  readonly rewritten: readonly string[] | 'all' | undefined;
  /** Whether every mode is to be tried. */
  readonly modes: boolean;
  /** Two versions to compare; the newer one is that of the call if it is not given. */
  readonly since: { readonly before: readonly Source[]; readonly after: readonly Source[] | undefined } | undefined;
}

/** The answers about a migration. */
export interface MigrationAnswers {
  readonly report: MigrationReport;
  readonly rewritten: RewrittenReport | undefined;
  readonly modes: readonly ModeReport[] | undefined;
  readonly since: DiffReport | undefined;
}

/** The answers, all about the same sources. */
export interface Answers {
  readonly evaluation: Evaluation | undefined;
  /** What Kuma makes of the objects of each Kubernetes zone; empty without tables. */
  readonly kubernetes: readonly KubernetesReport[];
  readonly proxy: ProxyReport | undefined;
  readonly requests: readonly RequestReport[];
  readonly migration: MigrationAnswers | undefined;
}

/** What the worker can be asked. */
export interface WorkerCall {
  readonly sources: readonly Source[];
  readonly options: EvaluateOptions;
  readonly wants: Wants;
}

/** What an editor asks for while one types: the fields at a place, whatever the sources are. */
export interface FieldsCall {
  readonly kind: string;
  readonly path: readonly string[];
}

/**
 * What a page says to the worker: a call with the id that its answer will carry and the number of the client whose world
 * it is about, the same for the fields of a document, or that a client is gone.
 */
export type ToWorker =
  | (WorkerCall & { readonly type: 'ask'; readonly id: number; readonly client: number })
  | (FieldsCall & { readonly type: 'fields'; readonly id: number })
  | { readonly type: 'forget'; readonly client: number };

/** An answer, or the news that the engine died on the call and this worker is of no more use. */
export type FromWorker =
  | { readonly id: number; readonly type: 'answered'; readonly answers: Answers; readonly milliseconds: number }
  | { readonly id: number; readonly type: 'fields'; readonly fields: readonly SchemaFieldReport[] }
  | { readonly id: number; readonly type: 'crashed'; readonly message: string };
