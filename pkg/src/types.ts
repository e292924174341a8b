/** What goes into an evaluation and what comes out of it. */
import type { DiagnosticReport, OptionsInput, ReferenceReport, ServiceReport, SourceInput, Summary } from '../engine/engine.js';

export type {
  BackendReport,
  BackendTraceReport,
  CandidateReport,
  ClusterReport,
  ConflictReport,
  ContributorReport,
  DestinationReport,
  DiagnosticReport,
  DocumentReport,
  EndpointReport,
  EndpointTraceReport,
  HitReport,
  HostnameReport,
  InboundReport,
  KubernetesReport,
  LocationReport,
  MeshReport,
  OriginReport,
  OutboundReport,
  PolicyReport,
  PortReport,
  PositionReport,
  ProxyName,
  ProxyReport,
  ReferenceForm,
  ReferenceInZone,
  ReferenceOutcome,
  ReferenceReport,
  RelatedReport,
  RequestInput,
  RequestOutcome,
  RequestReport,
  RouteCandidateReport,
  RouteReport,
  ServiceReport,
  Summary,
  ViolationReport,
  ZoneReport,
} from '../engine/engine.js';

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
  readonly summary: Summary;
  readonly rules: readonly ReferenceReport[];
  readonly services: readonly ServiceReport[];
  readonly diagnostics: readonly DiagnosticReport[];
}
