/**
 * The Map as data: nodes in fixed columns and edges between neighbouring columns, laid out so that few edges cross. Pure:
 * the same answer gives the same picture.
 */
import type { ClusterReport, ProxyReport } from '../types.js';
import { percent } from './format.js';
import type { Place, Rule, Service } from './model.js';
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
}

/** Collects nodes and edges once each. */
class Builder {
  #nodes = new Map<string, Node>();
  #edges = new Map<string, Edge>();
  #paths = new Map<string, readonly string[]>();

  node(node: Node): string {
    if (!this.#nodes.has(node.id)) this.#nodes.set(node.id, node);
    return node.id;
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
    return { nodes: [...this.#nodes.values()], edges: [...this.#edges.values()], paths: [...this.#paths.values()] };
  }
}

/** More endpoints than this are one node. */
const MANY = 4;

/** The map of all references: documents, what they hit, where that lives, who answers. */
export function referencesGraph(rules: readonly Rule[], services: readonly Service[], vantage: string): Graph {
  const builder = new Builder();
  const byId = new Map(services.map((service) => [service.id, service]));
  for (const rule of rules) {
    const answers = vantage ? rule.answers.filter((answer) => answer.zones.includes(vantage)) : rule.answers;
    const hits = answers.flatMap((answer) => answer.hits).filter((hit) => DESTINATIONS.has(hit.kind));
    const misses = answers.some((answer) => answer.tone === 'nothing');
    if (hits.length === 0 && !misses) continue;
    const from = builder.node({
      id: `rule:${rule.document}`,
      column: 'rule',
      title: rule.name,
      detail: rule.kind,
      zone: rule.home,
      tone: 'plain',
      row: rule.id,
      place: rule.documentPlace,
    });
    if (hits.length === 0) {
      const id = builder.node({
        id: `nothing:${rule.id}`,
        column: 'service',
        title: 'hits nothing',
        detail: rule.asks.replaceAll('`', ''),
        zone: '',
        tone: 'bad',
        row: rule.id,
        place: rule.place,
      });
      builder.path(from, [id, '']);
    }
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
        if (tails.length === 0) builder.path(from, [id, hit.zone]);
        for (const steps of tails) builder.path(from, [id, hit.zone], ...steps);
      }
    }
  }
  return builder.done();
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
const TALL = 24;
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
  return { graph: { nodes, edges: [...edges.values()], paths: [...paths.values()] }, inside };
}

/** A node with its place. */
export interface Placed extends Node {
  readonly x: number;
  readonly y: number;
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
export const NODE = { width: 172, height: 38, gapX: 62, gapY: 12, top: 30 } as const;

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
  const placed = columns.flatMap((nodes, column) => {
    const spare = (rows - nodes.length) * step;
    return nodes.map((node, at): Placed => ({
      ...node,
      x: column * (NODE.width + NODE.gapX),
      y: NODE.top + at * step + Math.min(spare / 2, 3 * step),
    }));
  });
  return {
    nodes: placed,
    edges: graph.edges,
    columns: used.map((name, at) => ({ name, x: at * (NODE.width + NODE.gapX) })),
    width: used.length * NODE.width + Math.max(0, used.length - 1) * NODE.gapX,
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
