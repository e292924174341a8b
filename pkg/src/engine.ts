/** The engine behind its own names: what wasm-bindgen generates does not show outside this package. */
import initEngine, {
  initSync as initEngineSync,
  kumaVersion as engineKumaVersion,
  schemaFields as engineSchemaFields,
  schemaVersion as engineSchemaVersion,
  World as EngineWorld,
} from '../engine/engine.js';
import type {
  ChecksReport,
  DecisionsInput,
  DiffReport,
  Evaluation,
  EvaluateOptions,
  KubernetesReport,
  MigrationReport,
  ModeReport,
  ProxyName,
  ProxyReport,
  ReferenceReport,
  RequestInput,
  RequestReport,
  RewrittenReport,
  SchemaFieldReport,
  Source,
} from './types.js';

/** Where the WebAssembly comes from, if not from beside the module. */
export type EngineInput = URL | string | Response | BufferSource | WebAssembly.Module;

let loading: Promise<void> | undefined;

/** The engine takes text as it is; anything else would make it read where nothing is. */
function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new TypeError(`${what} is not a string`);
  return value;
}

/** Loads the engine; a second call waits for the first. */
export default function init(input?: EngineInput | Promise<EngineInput>): Promise<void> {
  loading ??= initEngine(input === undefined ? undefined : { module_or_path: input }).then(
    () => undefined,
    (error: unknown) => {
      loading = undefined;
      throw error;
    },
  );
  return loading;
}

/** Loads the engine from bytes or a compiled module that are there already. */
export function initSync(module: BufferSource | WebAssembly.Module): void {
  initEngineSync({ module });
  loading = Promise.resolve();
}

/** A world of YAML that takes edits. Its answers are worked out when they are asked for, and again only after an edit. */
export class World {
  #engine: EngineWorld;

  constructor(sources: readonly Source[] = [], options: EvaluateOptions = {}) {
    this.#engine = new EngineWorld(options);
    for (const source of sources) this.#engine.setSource(source);
  }

  /** Adds a source, or replaces the one of the same name. */
  setSource(source: Source): void {
    this.#engine.setSource(source);
  }

  /** Removes the source of this name, if there is one. */
  removeSource(name: string): void {
    this.#engine.removeSource(text(name, 'the name of a source'));
  }

  /** Replaces the options. */
  setOptions(options: EvaluateOptions): void {
    this.#engine.setOptions(options);
  }

  /** Documents, zones, proxies and meshes at a glance. */
  summary(): Evaluation['summary'] {
    return this.#engine.summary();
  }

  /** Every reference and what it hits, from each zone where its document has an effect. */
  rules(): Evaluation['rules'] {
    return this.#engine.rules();
  }

  /** Every service of every control plane. */
  services(): Evaluation['services'] {
    return this.#engine.services();
  }

  /** All problems, in the order of the input. */
  diagnostics(): Evaluation['diagnostics'] {
    return this.#engine.diagnostics();
  }

  /** What one proxy can reach and how, and which policies shape it; undefined if there is no such proxy. */
  proxy({ zone, mesh, name }: ProxyName): ProxyReport | undefined {
    return this.#engine.proxy(text(zone, 'zone'), text(mesh, 'mesh'), text(name, 'name'));
  }

  /** What becomes of a request, step by step. */
  request(request: RequestInput): RequestReport {
    return this.#engine.request(request);
  }

  /**
   * The references that a text such as `MeshHTTPRoute/name to[0].rules[0].backendRefs[0]` names; `spec.`, `.default` and a
   * final `.targetRef` may be left out. Without a path: all of that document.
   */
  explain(reference: string): readonly ReferenceReport[] {
    return this.#engine.explain(text(reference, 'a reference'));
  }

  /** Whether the checks of the input (`type: MeshscopeCheck`) hold, and which rules they cover. */
  checks(): ChecksReport {
    return this.#engine.checks();
  }

  /** What Kuma makes of the objects of each Kubernetes zone. */
  kubernetes(): readonly KubernetesReport[] {
    return this.#engine.kubernetes();
  }

  /** The way from `kuma.io/service` to MeshService: what to decide, what is left, and what to write. */
  migration(decisions?: DecisionsInput): MigrationReport {
    return this.#engine.migration(decisions);
  }

  /** Every mode of `meshServices`, tried on this world. */
  modes(): readonly ModeReport[] {
    return this.#engine.modes();
  }

  /** The texts after the rewrites of these ids, and what becomes of requests by it; without ids: after all of them. */
  rewritten(decisions?: DecisionsInput, ids?: readonly string[]): RewrittenReport {
    return this.#engine.rewritten(decisions, ids && [...ids].map((id) => text(id, 'the id of a rewrite')));
  }

  /** What is different from an older version of the sources: problems, references, requests. */
  diff(old: readonly Source[]): DiffReport {
    return this.#engine.diff([...old]);
  }

  /** The resources that Kuma generates, as one YAML stream. */
  generated(): string {
    return this.#engine.generated();
  }

  /** Everything that the tables show. */
  evaluation(): Evaluation {
    return {
      schemaVersion: schemaVersion(),
      kumaVersion: kumaVersion(),
      summary: this.summary(),
      rules: this.rules(),
      services: this.services(),
      diagnostics: this.diagnostics(),
    };
  }

  /** Gives the memory back; the world is of no use afterwards. */
  free(): void {
    this.#engine.free();
  }
}

/** A world that takes edits. */
export function createWorld(sources: readonly Source[] = [], options: EvaluateOptions = {}): World {
  return new World(sources, options);
}

/** Evaluates sources once. What is wrong with them is in the diagnostics; it does not throw. */
export function evaluate(sources: readonly Source[], options: EvaluateOptions = {}): Evaluation {
  const world = new World(sources, options);
  try {
    return world.evaluation();
  } finally {
    world.free();
  }
}

/** The Kuma release whose rules the answers follow, such as `2.14.3`. */
export function kumaVersion(): string {
  return engineKumaVersion();
}

/** The version of the shape of answers; a change that breaks readers raises it. */
export function schemaVersion(): number {
  return engineSchemaVersion();
}

/** The fields that a kind has at a path: what an editor completes. */
export function schemaFields(kind: string, path: readonly string[]): readonly SchemaFieldReport[] {
  return engineSchemaFields(
    text(kind, 'kind'),
    [...path].map((key) => text(key, 'a key of path')),
  );
}
