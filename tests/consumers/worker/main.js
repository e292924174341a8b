import { sources, show } from '../world.js';

const worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
worker.onmessage = ({ data }) => show(data);
worker.postMessage(sources);
