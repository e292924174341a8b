/** The element and all that it needs, under a name without a hash: what pages of other sites include. */
import { importedWorker, useWorker } from 'meshscope/element';
import worker from 'meshscope/worker?worker&url';

const address = new URL(worker, import.meta.url);
if (address.origin !== location.origin) useWorker(() => importedWorker(address));
