import { call, SHARED_HELP, type Command } from './command.js';

/** `meshscope generate`. */
export const generate: Command = {
  name: 'generate',
  summary: 'the MeshServices that Kuma would generate, as YAML',
  help: `Usage: meshscope generate FILES… [options]

Prints one YAML stream, empty if Kuma would generate nothing.

${SHARED_HELP}`,
  async run(args) {
    const it = await call(args, {});
    return { text: it.world.generated(), code: 0 };
  },
};
