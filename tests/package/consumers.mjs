// A folder outside of the repository with the packed tarball and the tools of consumers installed, kept between runs: only the
// package itself is installed anew.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Where it is. */
export const home = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'meshscope', 'consumers');

/** The packed tarball. */
export const tarball = readdirSync(join(root, '.cache/pack'))
  .filter((name) => name.endsWith('.tgz'))
  .map((name) => join(root, '.cache/pack', name))[0];

/**
 * Runs a program there and gives what it prints; what it says on failure is in the error.
 * @param {string} program
 * @param {string[]} args
 * @param {string} [folder]
 */
export function run(program, args, folder = home) {
  try {
    return execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}

/** Installs what is missing, and the tarball in any case. */
export function install() {
  if (!tarball) throw new Error('there is no tarball: run scripts/pack.sh');
  mkdirSync(home, { recursive: true });
  const npm = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
  const lock = readFileSync(join(root, 'tests/consumers/package-lock.json'), 'utf8');
  const mark = join(home, 'node_modules', '.tools');
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock) {
    for (const name of ['package.json', 'package-lock.json', '.npmrc'])
      copyFileSync(join(root, 'tests/consumers', name), join(home, name));
    run('npm', ['ci', ...npm]);
    writeFileSync(mark, lock);
  }
  for (const name of readdirSync(home)) {
    if (!['node_modules', 'package.json', 'package-lock.json', '.npmrc'].includes(name))
      rmSync(join(home, name), { recursive: true });
  }
  // What is installed must be this tarball and not one of the same version from an earlier run.
  rmSync(join(home, 'node_modules/meshscope'), { recursive: true, force: true });
  run('npm', ['install', ...npm, '--no-save', '--no-package-lock', tarball]);
  cpSync(join(root, 'tests/consumers'), home, {
    recursive: true,
    filter: (from) => !/node_modules|package(-lock)?\.json$/.test(from),
  });
  cpSync(join(root, 'examples'), join(home, 'examples'), {
    recursive: true,
    filter: (from) => !/node_modules/.test(from),
  });
}
