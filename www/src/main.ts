import 'meshscope/element';
import './playground.js';
