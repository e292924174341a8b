/** What goes into an evaluation and what comes out of it. */
import type { DiagnosticReport, OptionsInput, ReferenceReport, ServiceReport, SourceInput, Summary } from '../engine/engine.js';

export type {
  CandidateReport,
  ConflictReport,
  ContributorReport,
  DiagnosticReport,
  DocumentReport,
  HitReport,
  HostnameReport,
  LocationReport,
  MeshReport,
  PortReport,
  PositionReport,
  ProxyName,
  ReferenceForm,
  ReferenceInZone,
  ReferenceOutcome,
  ReferenceReport,
  RelatedReport,
  ServiceReport,
  Summary,
  ViolationReport,
  ZoneReport,
} from '../engine/engine.js';

/** One YAML text, with the zone whose control plane gets the documents that do not say theirs. */
export type Source = Readonly<SourceInput>;

/** What the YAML does not say. */
export type EvaluateOptions = Readonly<OptionsInput>;

/** The four values of `meshServices.mode`. */
export type Mode = NonNullable<OptionsInput['mode']>;

/** The answer to everything that a table shows. */
export interface Evaluation {
  readonly summary: Summary;
  readonly rules: readonly ReferenceReport[];
  readonly services: readonly ServiceReport[];
  readonly diagnostics: readonly DiagnosticReport[];
}
