export default {
  // The engine and the worker are found relative to their module, which must stay where it is.
  optimizeDeps: { exclude: ['meshscope'] },
  worker: { format: 'es' },
  build: { target: 'es2022' },
};
