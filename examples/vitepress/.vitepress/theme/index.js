import DefaultTheme from 'vitepress/theme';
import 'meshscope/element.css';

// Pages are rendered without a browser first; there the YAML stands as it is.
if (!import.meta.env.SSR) import('meshscope/element');

export default DefaultTheme;
