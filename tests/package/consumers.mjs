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

/** Where the site of Docusaurus is built: it brings 1300 packages, which nothing else needs. */
export const docusaurus = join(home, '../docusaurus');

const NPM = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];

/**
 * Installs what is missing of the packages that a folder of tests names, and the tarball in any case.
 * @param {string} from
 * @param {string} to
 */
function installed(from, to) {
  if (!tarball) throw new Error('there is no tarball: run scripts/pack.sh');
  mkdirSync(to, { recursive: true });
  const lock = readFileSync(join(root, from, 'package-lock.json'), 'utf8');
  const mark = join(to, 'node_modules', '.tools');
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock) {
    for (const name of ['package.json', 'package-lock.json', '.npmrc'])
      copyFileSync(join(root, from, name), join(to, name));
    run('npm', ['ci', ...NPM], to);
    writeFileSync(mark, lock);
  }
  for (const name of readdirSync(to)) {
    if (!['node_modules', 'package.json', 'package-lock.json', '.npmrc'].includes(name))
      rmSync(join(to, name), { recursive: true });
  }
  // What is installed must be this tarball and not one of the same version from an earlier run.
  rmSync(join(to, 'node_modules/meshscope'), { recursive: true, force: true });
  run('npm', ['install', ...NPM, '--no-save', '--no-package-lock', tarball], to);
}

/** Puts the consumers and the examples beside what they use. */
export function install() {
  installed('tests/consumers', home);
  cpSync(join(root, 'tests/consumers'), home, {
    recursive: true,
    filter: (from) => !/node_modules|package(-lock)?\.json$/.test(from),
  });
  cpSync(join(root, 'examples'), join(home, 'examples'), {
    recursive: true,
    filter: (from) => !/node_modules/.test(from),
  });
}

/** The same for the site of Docusaurus. */
export function installDocusaurus() {
  installed('tests/consumers-docusaurus', docusaurus);
  cpSync(join(root, 'examples/docusaurus'), docusaurus, {
    recursive: true,
    filter: (from) => !/package(-lock)?\.json$/.test(from),
  });
  // What was built from an older tarball of the same version must not be taken for this one's.
  for (const name of ['node_modules/.cache', '.docusaurus', 'build'])
    rmSync(join(docusaurus, name), { recursive: true, force: true });
}
