/** The worker: loads the engine once, keeps the world of each client between calls, and answers in order. */
import init, { schemaFields, World } from './engine.js';
import type { Answers, FromWorker, MigrationAnswers, MigrationWants, ToWorker, Wants, WorkerCall } from './protocol.js';
import type { DiffReport } from './types.js';

interface Kept {
  readonly world: World;
  /** The names of its sources: when they change, the world is made anew. */
  readonly names: string;
}

const ready = init();
const kept = new Map<number, Kept>();

/** The kept world with these sources: only what changed is handed over. */
function update(client: number, { sources, options }: WorkerCall): World {
  const names = JSON.stringify(sources.map((source) => source.name));
  const before = kept.get(client);
  if (before?.names === names) {
    for (const source of sources) before.world.setSource(source);
    before.world.setOptions(options);
    return before.world;
  }
  before?.world.free();
  kept.delete(client);
  const world = new World(sources, options);
  kept.set(client, { world, names });
  return world;
}

function answer(world: World, wants: Wants): Answers {
  return {
    evaluation: wants.tables ? world.evaluation() : undefined,
    kubernetes: wants.tables ? world.kubernetes() : [],
    proxy: wants.proxy && world.proxy(wants.proxy),
    requests: wants.requests.map((request) => world.request(request)),
    migration: wants.migration && migration(world, wants.migration),
  };
}

function migration(world: World, { decisions, rewritten, modes, since }: MigrationWants): MigrationAnswers {
  return {
    report: world.migration(decisions),
    rewritten: rewritten && world.rewritten(decisions, rewritten === 'all' ? undefined : rewritten),
    modes: modes ? world.modes() : undefined,
    since: since && compared(world, since),
  };
}

function compared(world: World, { before, after }: NonNullable<MigrationWants['since']>): DiffReport {
  if (!after) return world.diff(before);
  const other = new World(after);
  try {
    return other.diff(before);
  } finally {
    other.free();
  }
}

// Named, because the types of a page's global scope are in force here.
interface Scope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
}
const scope: Scope = self;

scope.onmessage = async ({ data }) => {
  if (data.type === 'forget') {
    kept.get(data.client)?.world.free();
    kept.delete(data.client);
    return;
  }
  try {
    await ready;
    if (data.type === 'fields') {
      scope.postMessage({ id: data.id, type: 'fields', fields: schemaFields(data.kind, [...data.path]) });
      return;
    }
    const start = performance.now();
    const answers = answer(update(data.client, data), data.wants);
    const milliseconds = performance.now() - start;
    scope.postMessage({ id: data.id, type: 'answered', answers, milliseconds });
  } catch (error) {
    scope.postMessage({
      id: data.id,
      type: 'crashed',
      message: error instanceof Error ? error.message : String(error),
    });
  }
};
