import { worker } from './early.js';

const { useWorker } = await import('meshscope/element');
useWorker(worker);
await import('./playground.js');

// From the second visit on the page needs no network. The first answer comes before that.
if (import.meta.env.PROD && 'serviceWorker' in navigator && location.protocol !== 'file:') {
  const keep = (): void => {
    navigator.serviceWorker.register('./sw.js').catch(() => {
      // Without it (private windows, policies) the page only needs the network again.
    });
  };
  document.addEventListener('mesh-scope-result', keep, { once: true });
}
