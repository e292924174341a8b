/** Finds the command, runs it, writes what it says. */
import { kumaVersion } from '../node.js';
import { check } from './check.js';
import { Usage, type Command } from './command.js';
import { diff } from './diff.js';
import { explain } from './explain.js';
import { generate } from './generate.js';
import { request } from './request.js';
import { test } from './test.js';
import { version } from './version.js';

const COMMANDS: readonly Command[] = [check, explain, request, generate, test, diff];

function overview(): string {
  const width = Math.max(...COMMANDS.map((each) => each.name.length));
  return [
    'meshscope tells which service, port and zone each rule of Kuma YAML hits, and why.',
    '',
    'Usage: meshscope COMMAND FILES… [options]',
    '',
    ...COMMANDS.map((each) => `  ${each.name.padEnd(width)}  ${each.summary}`),
    '',
    'FILES are files, folders, globs in quotes, or - for standard input.',
    'meshscope COMMAND --help says more; meshscope --version prints versions.',
    '',
  ].join('\n');
}

/** Runs the command line; gives the exit code: 0 if all is well, 1 if it is not, 2 if it was called wrongly. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-V') {
    process.stdout.write(`meshscope ${version()}, Kuma ${kumaVersion()}\n`);
    return 0;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (!command) {
    process.stderr.write(`meshscope: there is no command ${JSON.stringify(name)}\n\n${overview()}`);
    return 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(command.help);
    return 0;
  }
  try {
    const { text, code } = await command.run(rest);
    await write(text);
    return code;
  } catch (error) {
    if (!(error instanceof Usage)) throw error;
    process.stderr.write(`meshscope ${name}: ${error.message}\n`);
    return 2;
  }
}

/** Writes everything, also into a pipe; one that was closed (by `head`) is no error. */
function write(text: string): Promise<void> {
  return new Promise((done, fail) => {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? done() : fail(error)));
    process.stdout.write(text, () => done());
  });
}
