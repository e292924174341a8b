import 'meshscope/element';
import './playground.js';

// From the second visit on the page needs no network.
if (import.meta.env.PROD && 'serviceWorker' in navigator && location.protocol !== 'file:') {
  navigator.serviceWorker.register('./sw.js').catch(() => {
    // Without it (private windows, policies) the page only needs the network again.
  });
}
