export default {
  title: 'meshscope in VitePress',
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag === 'mesh-scope' } } },
  vite: {
    optimizeDeps: { exclude: ['meshscope'] },
    worker: { format: 'es' },
    build: { target: 'es2022' },
  },
};
