/** The page for frames: a world and how it is looked at come from the fragment; the height goes to the page around. */
import 'meshscope/element';
import type { MeshScope } from 'meshscope/element';
import { fromFragment, type SizeMessage } from 'meshscope/embed';
import { fromLink } from 'meshscope/link';
import { examples, filesOf } from './gallery.js';
import { restore } from './state.js';

const LEAST = 240;
const MOST = 2000;

/** The page around this one, if the browser or the fragment says who it is: the height is told to nobody else. */
function around(named: string | undefined): string | undefined {
  if (window.parent === window) return undefined;
  const told = location.ancestorOrigins?.[0] ?? document.referrer;
  for (const text of [told, named]) {
    if (!text || text === 'null') continue;
    try {
      return new URL(text).origin;
    } catch {
      // No address: the next one.
    }
  }
  return undefined;
}

async function show(): Promise<void> {
  const options = fromFragment(location.hash.slice(1));
  const scope: MeshScope = document.createElement('mesh-scope');
  if (options.theme) scope.theme = options.theme;
  if (options.editor === false) scope.editor = 'off';
  scope.readonly = options.readonly ?? false;
  if (options.view) scope.view = options.view;
  if (options.focus) scope.reference = options.focus;
  if (options.request) scope.request = options.request;
  if (options.mode) scope.mode = options.mode;
  if (options.src) scope.src = options.src;
  scope.session.explain = './';
  document.body.replaceChildren(scope);

  const linked = options.link ? await fromLink(options.link) : undefined;
  if (linked) restore(scope.session, linked);
  else if (options.link) scope.session.miss('The link in the address of this frame cannot be read.');
  else if (!options.src) {
    const all = await examples();
    const example = all.find((each) => each.id === options.example) ?? all[0];
    if (example) scope.session.open(filesOf(example));
  }
  await scope.updateComplete;
  scope.applyMarkup();

  const parent = around(options.parent);
  if (parent === undefined) return;
  let told = 0;
  let waiting = 0;
  const tell = (): void => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => {
      const height = Math.min(MOST, Math.max(LEAST, Math.ceil(scope.contentHeight())));
      if (Math.abs(height - told) < 2) return;
      told = height;
      const message: SizeMessage = { type: 'meshscope-size', height };
      window.parent.postMessage(message, parent);
    });
  };
  scope.session.addEventListener('change', () => void scope.updateComplete.then(tell));
  scope.addEventListener('mesh-scope-result', () => void scope.updateComplete.then(tell));
  tell();
}

window.addEventListener('hashchange', () => location.reload());
void show();
