import 'meshscope/element.css';
import ExecutionEnvironment from '@docusaurus/ExecutionEnvironment';

// custom elements are a matter of browsers
if (ExecutionEnvironment.canUseDOM) import('meshscope/element');
