/**
 * What the first answer waits for begins before the page's own script is there: the worker, which loads and compiles the
 * engine, and the examples where the address asks for no other world.
 */
import address from 'meshscope/worker?worker&url';
import { examples } from './gallery.js';

const start = (): Worker => new Worker(new URL(address, import.meta.url), { type: 'module' });

let early: Worker | undefined = start();
early.onerror = () => {
  early = undefined; // the next one says why
};
if (!/^#\d+\./.test(location.hash)) examples().catch(() => undefined); // who needs them asks again

/** The worker that was started early, once; then others. */
export function worker(): Worker {
  const first = early;
  early = undefined;
  return first ?? start();
}
