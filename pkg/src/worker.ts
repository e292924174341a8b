/** The worker: loads the engine once, keeps the world between calls, and answers in order. */
import init, { World } from './engine.js';
import type { Answers, FromWorker, ToWorker, Wants } from './protocol.js';
import type { Source } from './types.js';

const ready = init();
let world: World | undefined;
let names = '';

/** The kept world with these sources: only what changed is handed over. */
function update(sources: readonly Source[], options: ToWorker['options']): World {
  const now = JSON.stringify(sources.map((source) => source.name));
  if (!world || now !== names) {
    world?.free();
    world = undefined;
    world = new World(sources, options);
    names = now;
    return world;
  }
  for (const source of sources) world.setSource(source);
  world.setOptions(options);
  return world;
}

function answer(now: World, wants: Wants): Answers {
  return {
    evaluation: wants.tables ? now.evaluation() : undefined,
    proxy: wants.proxy && now.proxy(wants.proxy),
    requests: wants.requests.map((request) => now.request(request)),
  };
}

// Named, because the types of a page's global scope are in force here.
interface Scope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
}
const scope: Scope = self;

scope.onmessage = async ({ data }) => {
  try {
    await ready;
    const start = performance.now();
    const answers = answer(update(data.sources, data.options), data.wants);
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
