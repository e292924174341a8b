import { evaluate, init } from 'meshscope';
import 'meshscope/element';
import { sources, show } from '../world.js';

await init();
show(evaluate(sources));
