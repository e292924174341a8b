/** What goes into an evaluation and what comes out of it. */
import type {
  DiagnosticReport,
  OptionsInput,
  ReferenceReport,
  ServiceReport,
  SourceInput,
  Summary,
} from '../engine/reports.js';

export type * from '../engine/reports.js';

/** One YAML text, with the zone whose control plane gets the documents that do not say theirs. */
export type Source = Readonly<SourceInput>;

/** What the YAML does not say. */
export type EvaluateOptions = Readonly<OptionsInput>;

/** How a control plane runs. */
export type Environment = NonNullable<SourceInput['environment']>;

/** The four values of `meshServices.mode`. */
export type Mode = NonNullable<OptionsInput['mode']>;

/** The answer to everything that a table shows. */
export interface Evaluation {
  /** The version of the shape of answers; a change that breaks readers raises it. */
  readonly schemaVersion: number;
  /** The Kuma release whose rules the answers follow. */
  readonly kumaVersion: string;
  readonly summary: Summary;
  readonly rules: readonly ReferenceReport[];
  readonly services: readonly ServiceReport[];
  readonly diagnostics: readonly DiagnosticReport[];
}
