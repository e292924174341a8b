/** What goes into an evaluation and what comes out of it. */
import type { DiagnosticReport, OptionsInput, ReferenceReport, ServiceReport, SourceInput, Summary } from '../engine/engine.js';

export type {
  BackendReport,
  BackendTraceReport,
  BehindReport,
  CandidateReport,
  CheckAnswerReport,
  CheckForm,
  CheckReport,
  CheckVerdict,
  ChecksReport,
  ClusterReport,
  ConflictReport,
  ContributorReport,
  CoverageReport,
  CoveredRuleReport,
  DestinationReport,
  DiagnosticReport,
  DocumentReport,
  DocumentVerdict,
  DroppedBackendReport,
  DroppedRuleReport,
  EndpointReport,
  EndpointTraceReport,
  EndpointVia,
  FieldReport,
  ForwardedReport,
  HeaderChangeReport,
  HiddenReport,
  HitReport,
  HopReport,
  HostnameReport,
  HostnameStatus,
  HttpMatchReport,
  HttpRouteReport,
  InboundPolicyReport,
  InboundReport,
  InboundRuleReport,
  InspectedOutboundReport,
  KubernetesReport,
  KubernetesServiceReport,
  ListenerKind,
  LocationReport,
  MatchVerdict,
  MeshReport,
  MirrorReport,
  ObjectReport,
  OriginReport,
  OtherServiceReport,
  OutboundCandidateReport,
  OutboundReport,
  OverriddenReport,
  PathRewriteReport,
  Permission,
  PermissionReport,
  PodInboundReport,
  PodReport,
  PolicyLevel,
  PolicyReport,
  PortReport,
  PositionReport,
  ProxyName,
  ProxyReport,
  RedirectAnswerReport,
  RedirectReport,
  ReferenceForm,
  ReferenceInZone,
  ReferenceOutcome,
  ReferenceReport,
  RelatedReport,
  RequestInput,
  RequestOutcome,
  RequestReport,
  RewriteReport,
  RouteCandidateReport,
  RouteOriginReport,
  RouteReport,
  SchemaFieldReport,
  ServiceOrigin,
  ServiceReport,
  SeverityReport,
  SourceReport,
  Summary,
  TimeoutReport,
  UnreachableReport,
  ValueMatchReport,
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
  /** The version of the shape of answers; a change that breaks readers raises it. */
  readonly schemaVersion: number;
  /** The Kuma release whose rules the answers follow. */
  readonly kumaVersion: string;
  readonly summary: Summary;
  readonly rules: readonly ReferenceReport[];
  readonly services: readonly ServiceReport[];
  readonly diagnostics: readonly DiagnosticReport[];
}
