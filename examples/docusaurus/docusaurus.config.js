export default {
  title: 'Mesh',
  url: 'https://docs.example.com',
  baseUrl: '/',
  onBrokenLinks: 'throw',
  presets: [['classic', { docs: { routeBasePath: '/' }, blog: false, theme: {} }]],
  // runs on every page, also where pages are rendered without a browser
  clientModules: ['./src/mesh-scope.js'],
};
