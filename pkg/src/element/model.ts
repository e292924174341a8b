/**
 * The answer as the page shows it: rows and names, each with its place in the text. Filled from the engine's reports and
 * nothing else; nothing here decides what a rule hits.
 */
import type { ConflictReport, PortReport, ReferenceForm } from '../types.js';

/** A place in a source, in UTF-16 offsets. */
export interface Place {
  readonly source: number;
  readonly from: number;
  readonly to: number;
  /** 1-based, for people. */
  readonly line: number;
  readonly column: number;
}

/** Where a reference lands. */
export interface Hit {
  readonly kind: string;
  readonly name: string;
  /** Empty: decided per request, or global. */
  readonly zone: string;
  readonly ports: readonly PortReport[];
  readonly endpoints: number | undefined;
  /** Why there are none. */
  readonly noEndpoints: string | undefined;
  /** The service's row in Services. */
  readonly service: string | undefined;
  readonly place: Place | undefined;
}

/** One resource that was considered. */
export interface Candidate {
  readonly kind: string;
  readonly name: string;
  readonly zone: string;
  readonly chosen: boolean;
  readonly reason: string;
  readonly place: Place | undefined;
}

/** What a reference hits, seen from control planes that all see the same. */
export interface RuleAnswer {
  readonly zones: readonly string[];
  readonly tone: 'hit' | 'quiet' | 'nothing' | 'unknown';
  /** What it means when it names no resource: the whole mesh, or a `kuma.io/service`. */
  readonly meaning: string;
  readonly hits: readonly Hit[];
  readonly reason: string | undefined;
  readonly help: string | undefined;
  /** The section of the book of rules that says why, such as `docs/rules/targets.md#section-names`. */
  readonly rule: string | undefined;
  readonly candidates: readonly Candidate[];
}

/** One reference of the YAML. */
export interface Rule {
  readonly id: string;
  /** Groups the references of one document. */
  readonly document: number;
  readonly kind: string;
  readonly name: string;
  readonly home: string;
  /** The field, such as `to[0].targetRef`. */
  readonly path: string;
  readonly asks: string;
  /** What kind of place it stands in. */
  readonly form: ReferenceForm;
  /** The weight of a backend. */
  readonly weight: number | undefined;
  readonly answers: readonly RuleAnswer[];
  readonly place: Place | undefined;
  readonly documentPlace: Place | undefined;
}

/** A hostname, or why there is none. */
export interface Hostname {
  readonly hostname: string | undefined;
  readonly generator: string;
  readonly trouble: string | undefined;
  readonly place: Place | undefined;
}

/** A proxy or service with its place. */
export interface Member {
  readonly name: string;
  readonly zone: string;
  readonly place: Place | undefined;
}

/** A destination as one control plane has it. */
export interface Service {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly storedName: string;
  /** The control plane whose view this is. */
  readonly plane: string;
  /** The zone that serves it; empty for those of no single zone. */
  readonly home: string;
  readonly mesh: string;
  readonly kri: string;
  readonly origin: 'written' | 'generated' | 'synced';
  readonly state: string | undefined;
  readonly ports: readonly PortReport[];
  readonly hostnames: readonly Hostname[];
  /** The proxies it selects, or its members; undefined where neither is decided here. */
  readonly members: readonly Member[] | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Names under which other control planes keep it. */
  readonly copies: readonly { readonly plane: string; readonly name: string }[];
  readonly conflict: ConflictReport | undefined;
  readonly yaml: string;
  readonly place: Place | undefined;
}

/** A Kubernetes object that Kuma makes nothing of, and why. */
export interface LeftOut {
  readonly kind: 'Service' | 'Pod';
  readonly namespace: string;
  readonly name: string;
  readonly zone: string;
  readonly why: string;
  readonly place: Place | undefined;
}

/** An edit that makes a problem go away. */
export interface Fix {
  readonly title: string;
  readonly place: Place;
  readonly text: string;
}

/** A problem, with what to do about it. */
export interface Problem {
  readonly id: string;
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly help: string | undefined;
  /** The section of the book of rules that explains it, such as `docs/rules/targets.md#section-names`. */
  readonly rule: string | undefined;
  readonly kuma: { readonly field: string; readonly reason: string } | undefined;
  readonly place: Place | undefined;
  readonly related: readonly { readonly message: string; readonly place: Place | undefined }[];
  readonly fixes: readonly Fix[];
}

/** A note behind a line of the editor: where its reference lands. */
export interface Note {
  readonly source: number;
  readonly at: number;
  readonly text: string;
  readonly tone: 'good' | 'bad' | 'quiet';
}
