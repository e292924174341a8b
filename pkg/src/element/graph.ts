/**
 * The Map as data: nodes in fixed columns and edges between neighbouring columns, laid out so that few edges cross. Pure:
 * the same answer gives the same picture.
 */
import type { ClusterReport, ProxyReport } from '../types.js';
import { percent } from './format.js';
import type { Hit, Place, Rule, RuleAnswer, Service } from './model.js';
import { portText } from './parts.js';

/** The columns, left to right. */
export const COLUMNS = ['proxy', 'rule', 'service', 'zone', 'endpoint'] as const;
/** One of them. */
export type Column = (typeof COLUMNS)[number];

/** A node. */
export interface Node {
  readonly id: string;
  readonly column: Column;
  readonly title: string;
  /** A second line. */
  readonly detail: string;
  readonly zone: string;
  readonly tone: 'plain' | 'bad' | 'quiet';
  /** The row of the answer that it stands for. */
  readonly row: string | undefined;
  readonly place: Place | undefined;
}

/** An edge from a node to one further right. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /** A weight, where traffic is split. */
  readonly label: string;
  readonly zone: string;
}

/** A picture before it has places. */
export interface Graph {
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
  /** Every way from left to right, as node ids: what lights up together. Zones stand on the ways of many services. */
  readonly paths: readonly (readonly string[])[];
  /** The node in which a row of the answer stands. */
  readonly rows: ReadonlyMap<string, string>;
}

/** Collects nodes and edges once each. */
class Builder {
  #nodes = new Map<string, Node>();
  #edges = new Map<string, Edge>();
  #paths = new Map<string, readonly string[]>();
  #rows = new Map<string, string>();

  node(node: Node): string {
    if (!this.#nodes.has(node.id)) this.#nodes.set(node.id, node);
    return node.id;
  }

  /** A row of the answer is a part of a node. */
  stands(row: string, node: string): void {
    this.#rows.set(row, node);
  }

  /** One way through the picture, each step with the zone it leads to and its label. */
  path(first: string, ...steps: readonly (readonly [to: string, zone: string, label?: string])[]): void {
    const ids = [first, ...steps.map(([to]) => to)];
    this.#paths.set(ids.join('\n'), ids);
    let from = first;
    for (const [to, zone, label = ''] of steps) {
      const key = `${from}\n${to}`;
      const known = this.#edges.get(key);
      if (!known || (known.label === '' && label !== '')) this.#edges.set(key, { from, to, label, zone });
      from = to;
    }
  }

  done(): Graph {
    return {
      nodes: [...this.#nodes.values()],
      edges: [...this.#edges.values()],
      paths: [...this.#paths.values()],
      rows: this.#rows,
    };
  }
}

/** More endpoints than this are one node. */
const MANY = 4;

/** Forms of references that lead traffic somewhere, or say what traffic a rule is about. */
const LEADING: ReadonlySet<Rule['form']> = new Set(['to', 'backendRef', 'mirror', 'outbound', 'reachableBackend']);

/** The part of a document that a reference belongs to: an item of `to`, or a rule of it. */
function itemOf(path: string): string {
  return /^(?:to\[\d+\](?:\.rules\[\d+\])?|networking\.[a-zA-Z.]*(?:\[\d+\])?)/.exec(path)?.[0] ?? path;
}

/** One rule of the map: the references that stand in one item. */
interface Item {
  readonly path: string;
  readonly references: Rule[];
}

/** The items of one document. */
function itemsOf(references: readonly Rule[]): Item[] {
  const items = new Map<string, Item>();
  for (const reference of references) {
    const path = itemOf(reference.path);
    const item = items.get(path);
    if (item) item.references.push(reference);
    else items.set(path, { path, references: [reference] });
  }
  // What a route is about stands beside its rules; where these have backends, it is they that lead on.
  return [...items.values()].filter(
    ({ path, references }) =>
      !references.every((each) => each.form === 'to' && each.answers.some((answer) => answer.hits.length > 0)) ||
      ![...items.keys()].some((other) => other.startsWith(`${path}.rules[`)),
  );
}

/** The map of all rules: whose they are, what they hit, where that lives, who answers. */
export function referencesGraph(rules: readonly Rule[], services: readonly Service[], vantage: string): Graph {
  const builder = new Builder();
  const byId = new Map(services.map((service) => [service.id, service]));
  const documents = new Map<number, Rule[]>();
  for (const rule of rules) {
    const all = documents.get(rule.document);
    if (all) all.push(rule);
    else documents.set(rule.document, [rule]);
  }
  const answersOf = ({ answers }: Rule): readonly RuleAnswer[] =>
    vantage ? answers.filter((answer) => answer.zones.includes(vantage)) : answers;
  const hitsOf = (rule: Rule): Hit[] => [
    ...new Map(
      answersOf(rule)
        .flatMap((answer) => answer.hits)
        .filter((hit) => DESTINATIONS.has(hit.kind))
        .map((hit) => [`${hit.kind}/${hit.name}/${hit.zone}/${hit.ports.map((port) => port.port).join()}`, hit]),
    ).values(),
  ];
  const misses = (rule: Rule): boolean => answersOf(rule).some((answer) => answer.tone === 'nothing');

  for (const [document, references] of documents) {
    const items = itemsOf(references.filter((each) => LEADING.has(each.form)));
    const drawn = items.filter((item) => item.references.some((each) => hitsOf(each).length > 0 || misses(each)));
    if (drawn.length === 0) continue;
    const top = references.find((each) => each.form === 'topLevel');
    const proxies = proxyNodes(builder, references[0], top, top ? answersOf(top) : []);
    for (const item of drawn) {
      const [first] = item.references;
      if (!first) continue;
      const about = references.find(
        (each) => each.form === 'to' && each !== first && item.path.startsWith(`${itemOf(each.path)}.rules[`),
      );
      const rule = builder.node({
        id: `rule:${document}/${item.path}`,
        column: 'rule',
        title: first.name,
        detail: [
          about && drawn.length > 1 ? '' : first.kind,
          drawn.length > 1 ? item.path.replace(/^.*\.(?=rules\[)|^networking\./, '') : '',
          about
            ? `of ${about.answers.flatMap((answer) => answer.hits)[0]?.name ?? about.asks.replaceAll('`', '')}`
            : '',
        ]
          .filter(Boolean)
          .join(' '),
        zone: first.home,
        tone: 'plain',
        row: first.id,
        place: drawn.length > 1 ? first.place : first.documentPlace,
      });
      for (const each of item.references) builder.stands(each.id, rule);
      if (about) builder.stands(about.id, rule);
      const path = (...steps: Steps): void => {
        if (proxies.length === 0) builder.path(rule, ...steps);
        for (const proxy of proxies) builder.path(proxy, [rule, ''], ...steps);
      };
      const shared = item.references.filter((each) => each.form === 'backendRef');
      const total = shared.filter((each) => hitsOf(each).length > 0).reduce((sum, each) => sum + (each.weight ?? 1), 0);
      for (const reference of item.references) {
        const hits = hitsOf(reference);
        if (hits.length === 0) {
          if (!misses(reference)) continue;
          const nowhere = builder.node({
            id: `nothing:${reference.id}`,
            column: 'service',
            title: 'hits nothing',
            detail: reference.asks.replaceAll('`', ''),
            zone: '',
            tone: 'bad',
            row: reference.id,
            place: reference.place,
          });
          builder.stands(reference.id, rule);
          path([nowhere, '', shared.length > 1 ? '0 %' : '']);
          continue;
        }
        const label =
          reference.form === 'mirror'
            ? 'copies'
            : reference.form === 'backendRef' && shared.length > 1 && total > 0
              ? percent((reference.weight ?? 1) / total)
              : '';
        for (const hit of hits) {
          const service = hit.service === undefined ? undefined : byId.get(hit.service);
          for (const port of hit.ports) {
            const id = builder.node({
              id: `service:${hit.kind}/${hit.name}/${hit.zone}/${port.port}`,
              column: 'service',
              title: hit.name,
              detail: `${portText(port)} ${port.protocol}`,
              zone: hit.zone,
              tone: 'plain',
              row: hit.service,
              place: hit.place,
            });
            const tails = service ? tail(builder, service) : [];
            if (tails.length === 0) path([id, hit.zone, label]);
            for (const steps of tails) path([id, hit.zone, label], ...steps);
          }
        }
      }
    }
  }
  return builder.done();
}

/** Whose rules those of a document are: a few proxies by name, more of them together. */
function proxyNodes(
  builder: Builder,
  first: Rule | undefined,
  top: Rule | undefined,
  answers: readonly RuleAnswer[],
): string[] {
  const node = (id: string, title: string, detail: string, more: Partial<Node> = {}): string =>
    builder.node({
      id,
      column: 'proxy',
      title,
      detail,
      zone: '',
      tone: 'plain',
      row: top?.id,
      place: top?.place,
      ...more,
    });
  if (first?.kind === 'Dataplane') {
    const more = { zone: first.home, row: undefined, place: first.documentPlace };
    return [node(`proxy:${first.home}/${first.name}`, first.name, 'its own outbounds', more)];
  }
  if (!top) return [node('proxies:all', 'its proxies', 'no targetRef', { tone: 'quiet', place: undefined })];
  if (answers.some((answer) => answer.tone === 'quiet')) {
    return [node('proxies:mesh', 'every proxy', 'targetRef Mesh', { tone: 'quiet', row: undefined, place: undefined })];
  }
  const asks = top.asks.replaceAll('`', '').replace(/^\w+ with (?:tags|labels) /, '');
  const hits = [
    ...new Map(
      answers
        .flatMap((answer) => answer.hits)
        .filter((hit) => hit.kind === 'Dataplane')
        .map((hit) => [`${hit.zone}/${hit.name}`, hit]),
    ),
  ];
  if (hits.length > MANY) return [node(`proxies:${asks}`, `${hits.length} proxies`, asks)];
  if (hits.length === 0 && answers.some((answer) => answer.tone === 'nothing')) {
    return [node(`proxies:${asks}`, 'no proxy', asks, { tone: 'bad' })];
  }
  return hits.map(([key, hit]) =>
    node(`proxy:${key}`, hit.name, 'by its targetRef', { zone: hit.zone, row: undefined, place: hit.place }),
  );
}

const DESTINATIONS = new Set(['MeshService', 'MeshMultiZoneService', 'MeshExternalService']);

function zoneNode(builder: Builder, zone: string): string {
  return builder.node({
    id: `zone:${zone}`,
    column: 'zone',
    title: zone || 'any zone',
    detail: '',
    zone,
    tone: 'plain',
    row: undefined,
    place: undefined,
  });
}

type Steps = readonly (readonly [to: string, zone: string, label?: string])[];

/** The ways on from a service: its zones and the proxies it selects. */
function tail(builder: Builder, service: Service): Steps[] {
  const members = service.members ?? [];
  if (service.kind === 'MeshExternalService') return [];
  if (service.kind === 'MeshMultiZoneService') {
    return members.map((member) => [[zoneNode(builder, member.zone), member.zone]]);
  }
  const { home } = service;
  const zone = zoneNode(builder, home);
  if (members.length === 0) return [[[zone, home]]];
  if (members.length > MANY) {
    const id = builder.node({
      id: `endpoints:${service.id}`,
      column: 'endpoint',
      title: `${members.length} proxies`,
      detail: service.name,
      zone: home,
      tone: 'quiet',
      row: service.id,
      place: service.place,
    });
    return [
      [
        [zone, home],
        [id, home],
      ],
    ];
  }
  return members.map((member) => {
    const id = builder.node({
      id: `endpoint:${member.zone}/${member.name}`,
      column: 'endpoint',
      title: member.name,
      detail: `selected by ${service.name}`,
      zone: member.zone,
      tone: 'plain',
      row: undefined,
      place: member.place,
    });
    return [
      [zone, home],
      [id, member.zone],
    ];
  });
}

/** The map of one proxy: its outbounds' rules, their backends with shares, zones and endpoints. */
export function proxyGraph(report: ProxyReport, toPlace: (at: ProxyReport['location']) => Place | undefined): Graph {
  const builder = new Builder();
  const clusters = new Map(report.clusters.map((cluster) => [cluster.name, cluster]));
  const proxy = builder.node({
    id: 'proxy',
    column: 'proxy',
    title: report.proxy.name,
    detail: report.gateway ? 'gateway' : 'sidecar',
    zone: report.proxy.zone,
    tone: 'plain',
    row: undefined,
    place: toPlace(report.location),
  });
  for (const outbound of report.outbounds) {
    const host = `${outbound.hostnames[0] ?? outbound.destination.name}:${outbound.port}`;
    for (const route of outbound.routes) {
      const rule = builder.node({
        id: `route:${outbound.id}/${route.position}`,
        column: 'rule',
        title: route.matches.replaceAll('`', ''),
        detail: route.origin ? `${route.origin.name}, ${host}` : host,
        zone: '',
        tone: route.hiddenBy ? 'quiet' : route.origin ? 'plain' : 'quiet',
        row: undefined,
        place: toPlace(route.origin?.location),
      });
      if (route.backends.length === 0) builder.path(proxy, [rule, '']);
      for (const backend of route.backends) {
        const { destination } = backend;
        const service = builder.node({
          id: `cluster:${destination.cluster}`,
          column: 'service',
          title: destination.name,
          detail: [destination.portName, destination.port].filter((part) => part !== undefined).join(' '),
          zone: destination.zone,
          tone: backend.endpoints === 0 ? 'bad' : 'plain',
          row: undefined,
          place: toPlace(backend.location),
        });
        const share = backend.share < 1 ? percent(backend.share) : '';
        const cluster = clusters.get(destination.cluster);
        const tails = cluster ? endpoints(builder, cluster) : [];
        if (tails.length === 0) builder.path(proxy, [rule, ''], [service, destination.zone, share]);
        for (const steps of tails) builder.path(proxy, [rule, ''], [service, destination.zone, share], ...steps);
      }
    }
  }
  return builder.done();
}

/** The ways on from a cluster: the zones of its endpoints and the endpoints themselves. */
function endpoints(builder: Builder, cluster: ClusterReport): Steps[] {
  const zones = new Map<string, ClusterReport['endpoints']>();
  for (const endpoint of cluster.endpoints) zones.set(endpoint.zone, [...(zones.get(endpoint.zone) ?? []), endpoint]);
  return [...zones].flatMap(([name, each]): Steps[] => {
    const zone = zoneNode(builder, name);
    const label = each.every((endpoint) => endpoint.priority > 0) && zones.size > 1 ? 'if others fail' : '';
    const many = each.length > MANY;
    return (many ? each.slice(0, 1) : each).map((endpoint) => {
      const id = builder.node({
        id: many ? `endpoints:${cluster.name}/${name}` : `endpoint:${endpoint.address}:${endpoint.port}`,
        column: 'endpoint',
        title: many ? `${each.length} endpoints` : endpoint.name || endpoint.address,
        detail: many ? cluster.destination.name : `${endpoint.address}:${endpoint.port}`,
        zone: name,
        tone: many ? 'quiet' : 'plain',
        row: undefined,
        place: undefined,
      });
      return [
        [zone, name, label],
        [id, name],
      ];
    });
  });
}

/** More nodes than this in a column are grouped. */
const TALL = 18;
const NOUNS: Readonly<Record<Column, string>> = {
  proxy: 'proxies',
  rule: 'rules',
  service: 'services',
  zone: 'zones',
  endpoint: 'endpoints',
};

/** A picture in which some nodes stand for many. */
export interface Grouped {
  readonly graph: Graph;
  /** For each node that is not drawn itself, the one that stands for it. */
  readonly inside: ReadonlyMap<string, string>;
}

/**
 * Draws the first nodes of each zone in a tall column, and one node for the others of that zone, unless it is open. What
 * hits nothing always shows.
 */
export function grouped(graph: Graph, open: ReadonlySet<string>): Grouped {
  const inside = new Map<string, string>();
  const groups = new Map<string, Node>();
  for (const column of COLUMNS) {
    const nodes = graph.nodes.filter((node) => node.column === column);
    if (nodes.length <= TALL) continue;
    const zones = new Map<string, Node[]>();
    for (const node of nodes) if (node.tone !== 'bad') zones.set(node.zone, [...(zones.get(node.zone) ?? []), node]);
    const kept = Math.max(2, Math.floor(TALL / zones.size) - 1);
    for (const [zone, all] of zones) {
      const id = `more:${column}/${zone}`;
      const more = all.slice(kept);
      if (more.length < 2 || open.has(id)) continue;
      for (const node of more) inside.set(node.id, id);
      const [title, detail] = [`${more.length} more ${NOUNS[column]}`, zone ? `in ${zone}: show them` : 'show them'];
      groups.set(id, { id, column, title, detail, zone, tone: 'quiet', row: undefined, place: undefined });
    }
  }
  if (inside.size === 0) return { graph, inside };
  const drawn = (id: string): string => inside.get(id) ?? id;
  const edges = new Map<string, Edge>();
  for (const edge of graph.edges) {
    const [from, to] = [drawn(edge.from), drawn(edge.to)];
    const known = edges.get(`${from}\n${to}`);
    // shares of several edges say nothing of them together
    const label = known && known.label !== edge.label ? '' : edge.label;
    edges.set(`${from}\n${to}`, { from, to, label, zone: edge.zone });
  }
  const paths = new Map(graph.paths.map((path) => path.map(drawn)).map((path) => [path.join('\n'), path]));
  const nodes = [...graph.nodes.filter((node) => !inside.has(node.id)), ...groups.values()];
  return { graph: { nodes, edges: [...edges.values()], paths: [...paths.values()], rows: graph.rows }, inside };
}

/** A node with its place. */
export interface Placed extends Node {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A picture. */
export interface Layout {
  readonly nodes: readonly Placed[];
  readonly edges: readonly Edge[];
  readonly columns: readonly { readonly name: Column; readonly x: number }[];
  readonly width: number;
  readonly height: number;
}

/** Sizes, in pixels at zoom 1. */
export const NODE = { height: 38, gapX: 40, gapY: 12, top: 30 } as const;
/** How wide the nodes of each column are. */
const WIDTHS: Readonly<Record<Column, number>> = { proxy: 132, rule: 204, service: 150, zone: 88, endpoint: 150 };

/** Puts nodes into columns and orders them by the mean of their neighbours, forth and back. */
export function layout(graph: Graph): Layout {
  const used = COLUMNS.filter((column) => graph.nodes.some((node) => node.column === column));
  const columns = used.map((column) => graph.nodes.filter((node) => node.column === column));
  const rank = new Map<string, number>();
  const renumber = (): void => columns.forEach((nodes) => nodes.forEach((node, at) => rank.set(node.id, at)));
  renumber();
  const left = new Map<string, string[]>();
  const right = new Map<string, string[]>();
  const push = (map: Map<string, string[]>, key: string, value: string): void => {
    const list = map.get(key);
    if (list) list.push(value);
    else map.set(key, [value]);
  };
  for (const edge of graph.edges) {
    push(right, edge.from, edge.to);
    push(left, edge.to, edge.from);
  }
  const mean = (ids: readonly string[] | undefined, otherwise: number): number =>
    ids?.length ? ids.reduce((sum, id) => sum + (rank.get(id) ?? 0), 0) / ids.length : otherwise;
  for (let pass = 0; pass < 4; pass++) {
    const forth = pass % 2 === 0;
    for (const nodes of forth ? columns : [...columns].reverse()) {
      const key = new Map(nodes.map((node, at) => [node.id, mean((forth ? left : right).get(node.id), at)] as const));
      nodes.sort((a, b) => (key.get(a.id) ?? 0) - (key.get(b.id) ?? 0));
      nodes.forEach((node, at) => rank.set(node.id, at));
    }
  }
  const step = NODE.height + NODE.gapY;
  const rows = Math.max(1, ...columns.map((nodes) => nodes.length));
  const height = NODE.top + rows * step;
  let width = -NODE.gapX;
  const starts = used.map((name) => {
    const x = width + NODE.gapX;
    width = x + WIDTHS[name];
    return { name, x };
  });
  const placed = columns.flatMap((nodes, column) => {
    const spare = (rows - nodes.length) * step;
    return nodes.map((node, at): Placed => ({
      ...node,
      x: starts[column]?.x ?? 0,
      width: WIDTHS[node.column],
      y: NODE.top + at * step + Math.min(spare / 2, 3 * step),
    }));
  });
  return {
    nodes: placed,
    edges: graph.edges,
    columns: starts,
    width: Math.max(0, width),
    height,
  };
}

/** Everything on a way through a node: the nodes, and the edges as `from\nto`. */
export function through(graph: Graph, id: string): ReadonlySet<string> {
  const on = new Set<string>([id]);
  for (const path of graph.paths) {
    if (!path.includes(id)) continue;
    path.forEach((node, at) => {
      on.add(node);
      if (at > 0) on.add(`${path[at - 1] ?? ''}\n${node}`);
    });
  }
  return on;
}
