/** Completion: fields with what they are for, and the names, ports, labels and zones that the pasted world has. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { SchemaFieldReport } from '../types.js';
import { DESTINATIONS, KINDS, TARGETS, TOP, VALUES } from './fields.js';
import type { Service } from './model.js';
import { portsText, portText } from './parts.js';
import { pathAt, unquote, type LinePath } from './path.js';
import type { Session } from './session.js';
import { restored } from './visible.js';

const LABEL_HOLDERS = new Set(['labels', 'matchLabels', 'dataplaneTags', 'dataplaneLabels', 'tags']);
const REFERENCES = new Set(['targetRef', 'backendRefs', 'backendRef', 'refs']);

/** What may stand at the caret. */
export async function complete(session: Session, context: CompletionContext): Promise<CompletionResult | null> {
  const { doc } = context.state;
  const line = doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  if (/^\s*#/.test(before) || /\s#/.test(before)) return null;
  const value = /^\s*(?:-\s+)*("[^"]*"|'[^']*'|[^\s:]+)\s*:\s+["']?[^\s]*$/.exec(before);
  if (!value && !/^\s*(?:-\s+)*[^\s]*$/.test(before)) return null;
  const word = /[^\s:,[\]{}"']*$/.exec(before)?.[0] ?? '';
  if (!value && word === '' && !context.explicit) return null;
  const path = pathAt(doc.toString().split('\n'), line.number - 1, before.length);
  const fields = await session.fields(path.documentKind, path.keys);
  const options = value ? values(session, path, unquote(value[1] ?? ''), fields) : keys(session, path, fields);
  if (options.length === 0 || context.aborted) return null;
  // What is shown of a name may differ from what it is.
  const exact = options.map((option) => ({ ...option, apply: restored(String(option.apply ?? option.label)) }));
  return { from: context.pos - word.length, options: exact, validFor: /^[^\s:,[\]{}"']*$/ };
}

function keys(session: Session, path: LinePath, fields: readonly SchemaFieldReport[]): Completion[] {
  const parent = path.keys.at(-1) ?? '';
  if (LABEL_HOLDERS.has(parent)) {
    return labelKeys(session).map((label) => ({ label, apply: `${label}: `, detail: 'label' }));
  }
  const known = fields.map((field): Completion => {
    const facts = [
      field.required ? 'Needed.' : '',
      field.default === undefined ? '' : `If missing: ${field.default}.`,
      field.values.length > 0 ? `One of ${field.values.join(', ')}.` : '',
    ];
    return {
      label: field.name,
      apply: `${field.name}:`,
      detail: field.kind,
      info: [field.doc, ...facts].filter(Boolean).join(' '),
      boost: field.required ? 1 : 0,
    };
  });
  const top = path.keys.length === 0 ? TOP.map(({ name, doc }) => ({ label: name, apply: `${name}:`, info: doc })) : [];
  const all = new Map<string, Completion>();
  for (const option of [...known, ...top]) if (!all.has(option.label)) all.set(option.label, option);
  return [...all.values()].filter((option) => !path.siblings.has(option.label));
}

function values(session: Session, path: LinePath, key: string, fields: readonly SchemaFieldReport[]): Completion[] {
  const parent = path.keys.at(-1) ?? '';
  const services = (session.answer?.services ?? []).filter((service) => service.origin !== 'synced');
  const plain = (labels: readonly string[], detail?: string): Completion[] =>
    labels.map((label) => ({ label, ...(detail ? { detail } : {}) }));
  if (LABEL_HOLDERS.has(parent)) return plain(labelValues(session, key));
  if (key === 'type' && path.keys.length === 0) return plain(KINDS, 'kind');
  if (key === 'type' && parent === 'path') return plain(['Exact', 'PathPrefix', 'RegularExpression']);
  if (key === 'kind') {
    if (path.keys.length === 0) return plain(KINDS, 'kind');
    const top = parent === 'targetRef' && !path.keys.includes('to') && !path.keys.includes('from');
    return plain(top ? TARGETS : ['Mesh', ...DESTINATIONS, 'MeshHTTPRoute'], 'kind');
  }
  if (REFERENCES.has(parent)) {
    const kind = path.siblings.get('kind') ?? 'MeshService';
    const named = services.filter((service) => service.kind === kind);
    if (key === 'name') {
      return named.map((service) => ({
        label: service.name,
        detail: [service.home || 'global', portsText(service.ports)].filter(Boolean).join(' · '),
      }));
    }
    const meant = named.filter((service) => fits(service, path));
    if (key === 'sectionName') return ports(meant, (port) => port.name ?? String(port.port));
    if (key === 'port') return ports(meant, (port) => String(port.port));
  }
  if (key === 'mesh') return plain([...new Set(services.map((service) => service.mesh))].filter(Boolean));
  return plain(fields.find((field) => field.name === key)?.values ?? VALUES[key] ?? []);
}

function fits(service: Service, path: LinePath): boolean {
  const name = path.siblings.get('name');
  return name === undefined || service.name === name;
}

function ports(services: readonly Service[], text: (port: Service['ports'][number]) => string): Completion[] {
  const options = new Map<string, Completion>();
  for (const service of services) {
    for (const port of service.ports) {
      const label = text(port);
      if (!options.has(label))
        options.set(label, { label, detail: `${service.name} ${portText(port)} ${port.protocol}` });
    }
  }
  return [...options.values()];
}

function labelKeys(session: Session): string[] {
  const keys = new Set(['kuma.io/display-name', 'kuma.io/zone', 'k8s.kuma.io/namespace', 'kuma.io/service']);
  for (const service of session.answer?.services ?? []) for (const key of Object.keys(service.labels)) keys.add(key);
  return [...keys].sort();
}

function labelValues(session: Session, key: string): string[] {
  const values = new Set<string>(VALUES[key] ?? []);
  for (const service of session.answer?.services ?? []) {
    const value = service.labels[key];
    if (value) values.add(value);
    if (key === 'kuma.io/display-name' || key === 'kuma.io/service') values.add(service.name);
  }
  if (key === 'kuma.io/zone') for (const zone of session.answer?.zones ?? []) if (zone) values.add(zone);
  return [...values].sort();
}
