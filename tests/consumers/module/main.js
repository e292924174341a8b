// The package's files as they are, without a bundler.
import { evaluate, init } from '../node_modules/meshscope/dist/index.js';
import { sources, show } from '../world.js';

await init();
show(evaluate(sources));
