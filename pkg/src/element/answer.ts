/** From the engine's reports to the rows of the page, with an index from places in the text to rows and back. */
import type {
  CandidateReport,
  Evaluation,
  HitReport,
  KubernetesReport,
  LocationReport,
  ProxyName,
  ReferenceInZone,
  ReferenceReport,
  ServiceReport,
} from '../types.js';
import type { Hit, LeftOut, Note, Place, Problem, Rule, RuleAnswer, Service } from './model.js';
import { hitText } from './parts.js';

/** A document, for the editor's outline. */
export interface Outline {
  readonly title: string;
  readonly place: Place;
}

/** What is known of a policy by its document. */
export interface PolicyAt {
  /** What its top targetRef asks for; undefined without one. */
  readonly selects: string | undefined;
  readonly role: string | undefined;
  readonly why: string | undefined;
}

/** Everything the views show. */
export interface Answer {
  readonly kuma: string;
  readonly documents: readonly Outline[];
  /** All zones, in the order that gives them their colours. */
  readonly zones: readonly string[];
  readonly rules: readonly Rule[];
  readonly services: readonly Service[];
  readonly problems: readonly Problem[];
  /** Kubernetes Services without a MeshService and Pods without a Dataplane. */
  readonly leftOut: readonly LeftOut[];
  readonly notes: readonly Note[];
  /** The row that is about an offset: the innermost reference, else the service of the document; before them, a problem. */
  at(source: number, offset: number, problemsFirst: boolean): string | undefined;
  /** A place of the engine as the page uses it. */
  toPlace(location: LocationReport | undefined): Place | undefined;
  /** The policy that stands at a place: whom it selects, and on Kubernetes its role, with the reason. */
  policyAt(location: LocationReport | undefined): PolicyAt | undefined;
  /** All proxies, by zone. */
  readonly proxies: readonly ProxyName[];
  /** Where a row stands in the text. */
  place(id: string): Place | undefined;
}

/** A place of the engine as the page uses it, without the blank and comment lines at its end. */
function toPlace(location: LocationReport | undefined, texts: readonly string[]): Place | undefined {
  if (!location) return undefined;
  const { source, start, end } = location;
  const text = texts[source] ?? '';
  const from = start.utf16;
  let to = Math.min(end.utf16, text.length);
  // Line by line from the end: most places are one line, and the text may be long.
  for (;;) {
    const at = to > from ? text.lastIndexOf('\n', to - 1) : -1;
    if (at < from || !/^\s*(#|$)/.test(text.slice(at + 1, to))) break;
    to = at;
  }
  while (to > from && /\s/.test(text.charAt(to - 1))) to--;
  return { source, from, to, line: start.line, column: start.column };
}

/** A KRI without its section, which names the resource itself. */
function resourceOf(kri: string): string {
  let end = -1;
  for (let part = 0; part < 6; part++) {
    end = kri.indexOf('_', end + 1);
    if (end < 0) return kri;
  }
  return kri.slice(0, end);
}

/** The zone in a KRI; empty for what belongs to none. */
function zoneOf(kri: string): string {
  return kri.split('_')[3] ?? '';
}

function leftOut(
  clusters: readonly KubernetesReport[],
  placed: (location: LocationReport | undefined) => Place | undefined,
): LeftOut[] {
  return clusters.flatMap(({ zone, services, pods }) => {
    const of = (kind: LeftOut['kind'], all: KubernetesReport['services'] | KubernetesReport['pods']): LeftOut[] =>
      all.flatMap(({ namespace, name, explanation, location }) =>
        explanation ? [{ kind, namespace, name, zone, why: explanation, place: placed(location) }] : [],
      );
    return [...of('Service', services), ...of('Pod', pods)];
  });
}

/** All of it. */
export function toAnswer(
  evaluation: Evaluation,
  kubernetes: readonly KubernetesReport[],
  texts: readonly string[],
): Answer {
  const placed = (location: LocationReport | undefined): Place | undefined => toPlace(location, texts);
  const { summary, diagnostics } = evaluation;
  const documents = new Map(summary.documents.map((document) => [document.id, document]));
  const named = new Map<string, Place>();
  for (const { kind, name, home, location } of summary.documents) {
    const place = placed(location);
    if (place && home !== undefined) named.set(`${home}/${kind}/${name}`, place);
  }
  const find = (zone: string, kind: string, name: string): Place | undefined =>
    named.get(`${zone || 'global'}/${kind}/${name}`) ?? named.get(`global/${kind}/${name}`);

  const services = toServices(evaluation.services, find, placed);
  const byKri = new Map(
    services.filter((each) => each.origin !== 'synced').map((each) => [resourceOf(each.kri), each]),
  );

  const hit = (report: HitReport): Hit => {
    const service = byKri.get(resourceOf(report.kri));
    return {
      kind: report.kind,
      name: report.name,
      zone: report.zone,
      ports: report.ports,
      endpoints: report.endpoints,
      noEndpoints: report.noEndpoints,
      service: service?.id,
      place: placed(report.location) ?? service?.place,
    };
  };
  const candidate = (report: CandidateReport): RuleAnswer['candidates'][number] => ({
    kind: report.kind,
    name: report.name,
    zone: zoneOf(report.kri),
    chosen: report.chosen,
    reason: report.reason,
    place: byKri.get(resourceOf(report.kri))?.place ?? find(zoneOf(report.kri), report.kind, report.name),
  });

  const rules = evaluation.rules.map((reference): Rule => {
    const document = documents.get(reference.document);
    return {
      id: reference.id,
      document: reference.document,
      kind: reference.kind,
      name: reference.name,
      home: document?.home ?? '',
      path: reference.path.replace(/^spec\./, ''),
      asks: reference.asks,
      form: reference.form,
      weight: reference.weight,
      answers: merge(reference, hit, candidate),
      place: placed(reference.location),
      documentPlace: placed(document?.location),
    };
  });

  const problems = diagnostics.map((report, at): Problem => ({
    id: `problem:${at}`,
    code: report.code,
    severity: report.severity,
    message: report.message,
    help: report.help,
    rule: report.rule,
    kuma: report.kuma,
    place: placed(report.location),
    related: report.related.map((each) => ({ message: each.message, place: placed(each.location) })),
    fixes: report.fixes.flatMap(({ title, location, text }) => {
      const place = placed(location);
      return place ? [{ title, place, text }] : [];
    }),
  }));

  const places = new Map<string, Place>();
  for (const row of [...rules, ...services, ...problems]) if (row.place) places.set(row.id, row.place);
  const inside = (row: { readonly place: Place | undefined }, source: number, offset: number): boolean =>
    row.place !== undefined && row.place.source === source && row.place.from <= offset && offset <= row.place.to;

  return {
    kuma: summary.kumaVersion,
    documents: summary.documents.flatMap(({ kind, name, location }): Outline[] => {
      const place = placed(location);
      return place ? [{ title: [kind || 'unknown', name].filter(Boolean).join(' '), place }] : [];
    }),
    zones: summary.zones.map((zone) => zone.name),
    rules,
    services,
    problems,
    leftOut: leftOut(kubernetes, placed),
    notes: rules.flatMap(toNote),
    at(source, offset, problemsFirst) {
      const innermost = (rows: readonly (Rule | Service | Problem)[]): string | undefined => {
        let best: Rule | Service | Problem | undefined;
        for (const row of rows) {
          if (inside(row, source, offset) && (!best || size(row) <= size(best))) best = row;
        }
        return best?.id;
      };
      return (
        (problemsFirst ? innermost(problems) : undefined) ??
        innermost([...services.filter((each) => each.origin === 'written'), ...rules])
      );
    },
    toPlace: placed,
    policyAt(location) {
      if (!location) return undefined;
      const at = location.start.utf16;
      const document = summary.documents.find(
        ({ location: all }) =>
          all?.source === location.source && all.start.utf16 <= at && at < Math.max(all.end.utf16, all.start.utf16 + 1),
      );
      if (!document) return undefined;
      const top = rules.find((rule) => rule.document === document.id && rule.form === 'topLevel');
      const name = `${document.kind} ${document.namespace ?? ''}/${document.name}`;
      const object = kubernetes
        .filter(({ zone }) => zone === document.home)
        .flatMap(({ objects }) => objects)
        .find((each) => each.object === name);
      return { selects: top?.asks, role: object?.role, why: object?.roleExplanation };
    },
    proxies: summary.zones.flatMap((zone) => zone.proxies),
    place: (id) => places.get(id),
  };
}

function size(row: { readonly place: Place | undefined }): number {
  return row.place ? row.place.to - row.place.from : Infinity;
}

/** Control planes that give the same answer share one. */
function merge(
  reference: ReferenceReport,
  hit: (report: HitReport) => Hit,
  candidate: (report: CandidateReport) => RuleAnswer['candidates'][number],
): RuleAnswer[] {
  const groups = new Map<string, { zones: string[]; first: ReferenceInZone }>();
  for (const answer of reference.answers) {
    const key = JSON.stringify([answer.outcome, answer.reason ?? '', answer.hits.map((each) => [each.kri, each.zone])]);
    const group = groups.get(key);
    // Endpoints are counted where they are local: the control plane that counts more of them speaks for the group.
    if (group) {
      group.zones.push(answer.zone);
      if (counted(answer) > counted(group.first)) group.first = answer;
    } else groups.set(key, { zones: [answer.zone], first: answer });
  }
  return [...groups.values()].map(({ zones, first }) => ({
    zones,
    tone: tone(first),
    meaning: first.outcome === 'mesh' ? 'the whole mesh' : first.outcome === 'legacy' ? 'kuma.io/service' : '',
    hits: first.hits.map(hit),
    reason: first.reason,
    help: first.help,
    rule: first.rule,
    candidates: first.candidates.map(candidate),
  }));
}

function counted(answer: ReferenceInZone): number {
  return answer.hits.filter((each) => each.endpoints !== undefined).length;
}

function tone(answer: ReferenceInZone): RuleAnswer['tone'] {
  switch (answer.outcome) {
    case 'hits':
      return 'hit';
    case 'mesh':
      return 'quiet';
    case 'nothing':
      return 'nothing';
    case 'legacy':
    case 'notEvaluated':
      return 'unknown';
  }
}

function toNote(rule: Rule): Note[] {
  const { place } = rule;
  if (!place || rule.answers.length === 0) return [];
  const texts = new Set<string>();
  let tone: Note['tone'] = 'quiet';
  for (const answer of rule.answers) {
    if (answer.tone === 'nothing') texts.add('nothing');
    else if (answer.meaning) texts.add(answer.meaning);
    else for (const each of answer.hits) texts.add(hitText(each));
    if (answer.tone === 'nothing') tone = 'bad';
    else if (answer.tone === 'hit' && tone !== 'bad') tone = 'good';
  }
  const list = [...texts];
  if (list.length === 0) return [];
  const text = list.length <= 2 ? list.join(', ') : `${list[0] ?? ''} and ${list.length - 1} more`;
  return [{ source: place.source, at: place.from, text: `→ ${text}`, tone }];
}

function toServices(
  reports: readonly ServiceReport[],
  find: (zone: string, kind: string, name: string) => Place | undefined,
  placed: (location: LocationReport | undefined) => Place | undefined,
): Service[] {
  const copies = new Map<string, { plane: string; name: string }[]>();
  for (const report of reports) {
    if (report.origin !== 'synced') continue;
    const list = copies.get(report.kri);
    const copy = { plane: report.zone, name: report.name };
    if (list) list.push(copy);
    else copies.set(report.kri, [copy]);
  }
  const nameOf = new Map(reports.map((report) => [report.kri, report]));
  return reports.map((report): Service => {
    const members =
      report.selected?.map((name) => ({ name, zone: report.home, place: find(report.home, 'Dataplane', name) })) ??
      report.members?.map((kri) => {
        const member = nameOf.get(kri);
        const name = member?.displayName ?? kri;
        return { name, zone: zoneOf(kri), place: find(zoneOf(kri), 'MeshService', name) };
      });
    return {
      id: `service:${report.zone}/${report.kri}`,
      kind: report.kind,
      name: report.displayName,
      storedName: report.name,
      plane: report.zone,
      home: report.home,
      mesh: report.mesh,
      kri: report.kri,
      origin: report.origin,
      state: report.state,
      ports: report.ports,
      hostnames: report.hostnames.map((each) => ({
        hostname: each.hostname,
        generator: each.generator,
        trouble: each.status === 'generated' ? undefined : (each.explanation ?? each.message ?? each.status),
        place: find(report.zone, 'HostnameGenerator', each.generator),
      })),
      members,
      labels: report.labels,
      copies: report.origin === 'synced' ? [] : (copies.get(report.kri) ?? []),
      conflict: report.conflict,
      yaml: report.yaml,
      place: placed(report.location),
    };
  });
}
