// The command line, run as people run it, on the worlds of the gallery and on files made for it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { worlds } from '../gallery.mjs';

const cli = fileURLToPath(new URL('../../pkg/dist/cli.js', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const SEED = ['west:gallery/seed/west.yaml', '--zone', 'east=gallery/seed/east.yaml', 'gallery/seed/mesh.yaml'];
const folder = mkdtempSync(join(tmpdir(), 'meshscope-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/**
 * @param {string[]} args
 * @param {{ input?: string, cwd?: string, color?: boolean }} [options]
 */
function run(args, { input = '', cwd = root, color = false } = {}) {
  const env = { ...process.env, NO_COLOR: color ? '' : '1', FORCE_COLOR: color ? '1' : '0' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { cwd, input, encoding: 'utf8', env });
  return { code: status, out: stdout, err: stderr };
}

/**
 * @param {string} name
 * @param {string} text
 */
function file(name, text) {
  writeFileSync(join(folder, name), text);
  return name;
}

const WORLD = readFileSync(new URL('../../examples/mesh/world.yaml', import.meta.url), 'utf8');
const CHECKS = readFileSync(new URL('../../examples/mesh/checks.yaml', import.meta.url), 'utf8');

describe('meshscope', () => {
  it('says what there is', () => {
    for (const args of [['--help'], ['-h'], ['help']]) {
      const { code, out } = run(args);
      assert.equal(code, 0);
      for (const name of ['check', 'explain', 'request', 'generate', 'test', 'diff'])
        assert.match(out, new RegExp(`^  ${name} `, 'm'));
    }
    assert.equal(run([]).code, 2);
    assert.match(run(['--version']).out, /^meshscope \d+\.\d+\.\d+, Kuma 2\.14\.3\n$/);
  });

  for (const name of ['check', 'explain', 'request', 'generate', 'test', 'diff']) {
    it(`${name} has a help of its own`, () => {
      const { code, out } = run([name, '--help']);
      assert.equal(code, 0);
      assert.match(out, new RegExp(`^Usage: meshscope ${name} ${name === 'diff' ? 'OLD NEW' : 'FILES…'}`));
      assert.match(out, /--zone ZONE=FILE/);
    });
  }

  for (const [what, args, message] of /** @type {const} */ ([
    ['an unknown command', ['chck'], /no command "chck"/],
    ['an unknown option', ['check', 'gallery', '--wrong'], /--wrong/],
    ['no files', ['check'], /no files are named/],
    ['a file that is not there', ['check', 'none.yaml'], /there is no file none\.yaml/],
    ['a folder without YAML', ['check', 'docs/images'], /there is no .yaml, .yml or .json in docs.images/],
    ['a glob that fits nothing', ['check', 'gallery/*.none'], /no file fits/],
    ['an unknown format', ['check', 'gallery', '--format', 'xml'], /--format is json, sarif, github, text, not "xml"/],
    ['an unknown mode', ['check', 'gallery', '--mode', 'exclusive'], /--mode is Disabled/],
    ['a zone without file', ['check', '--zone', 'west'], /--zone is NAME=FILE/],
    [
      'an unknown reference',
      ['explain', ...SEED, '--ref', 'MeshTimeout/test-server-alt to[3]'],
      /has no reference there, but: .*to\[0\]/,
    ],
    ['a reference in no document', ['explain', ...SEED, '--ref', 'MeshTimeout/none'], /no document MeshTimeout\/none/],
    ['an unknown proxy', ['request', ...SEED, 'redis:6739', '--from', 'nobody'], /there are: .*west\/default\/web-1/],
    [
      'several proxies of a name',
      ['request', ...SEED, 'redis:6739', '--from', 'test-server-v2-1'],
      /several proxies are/,
    ],
  ])) {
    it(`says what is wrong about ${what}`, () => {
      const { code, out, err } = run([...args]);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, message);
    });
  }
});

describe('meshscope check', () => {
  it('shows problems with their lines', () => {
    const { code, out } = run(['check', ...SEED]);
    assert.equal(code, 0);
    assert.match(
      out,
      /warning\[MS0601\]: MeshService `test-server` section `8080` hits nothing.*\n  --> gallery\/seed\/west\.yaml:\d+:9\n +\|\n +\d+ \| +- targetRef:\n +\d+ \| +kind: MeshService\n +\| +\^{17}\n/,
    );
    assert.match(out, /\n\d+ warnings in 3 files\n$/);
  });

  it('exits with 1 for what --fail-on says', () => {
    assert.equal(run(['check', ...SEED, '--fail-on', 'warning']).code, 1);
    const bad = file('bad.yaml', 'type: Mesh\nname: [');
    assert.equal(run(['check', bad], { cwd: folder }).code, 1);
    assert.equal(run(['check', bad, '--fail-on', 'never'], { cwd: folder }).code, 0);
  });

  it('reads standard input, folders and globs, and leaves out hidden folders and node_modules', () => {
    assert.match(run(['check', '-'], { input: 'type: Mesh\nname: default' }).out, /^no problems in 1 file\n$/);
    mkdirSync(join(folder, 'tree/a/.hidden'), { recursive: true });
    mkdirSync(join(folder, 'tree/node_modules'), { recursive: true });
    for (const name of [
      'tree/a/one.yaml',
      'tree/two.yml',
      'tree/a/.hidden/x.yaml',
      'tree/node_modules/x.yaml',
      'tree/x.txt',
    ]) {
      file(name, 'type: Mesh\nname: default');
    }
    const names = (/** @type {string[]} */ ...args) =>
      JSON.parse(run(['check', ...args, '--format', 'json'], { cwd: folder }).out).files.map(
        (/** @type {{ name: string }} */ each) => each.name,
      );
    assert.deepEqual(names('tree'), ['tree/a/one.yaml', 'tree/two.yml']);
    assert.deepEqual(names('tree/**/*.{yaml,yml}'), ['tree/a/one.yaml', 'tree/two.yml']);
    assert.deepEqual(names('tree/*.yml'), ['tree/two.yml']);
    assert.deepEqual(names('./tree/two.yml', 'tree'), ['tree/two.yml', 'tree/a/one.yaml']);
  });

  it('gives JSON with versions', () => {
    const report = JSON.parse(run(['check', ...SEED, '--format', 'json']).out);
    assert.deepEqual([report.schemaVersion, report.kumaVersion], [1, '2.14.3']);
    assert.deepEqual(report.files, [
      { name: 'gallery/seed/east.yaml', zone: 'east' },
      { name: 'gallery/seed/west.yaml', zone: 'west' },
      { name: 'gallery/seed/mesh.yaml' },
    ]);
    assert.ok(report.diagnostics.length > 0);
  });

  it('gives SARIF whose results point into the files', () => {
    const report = JSON.parse(run(['check', ...SEED, '--format', 'sarif']).out);
    assert.equal(report.version, '2.1.0');
    const [{ tool, results, columnKind }] = report.runs;
    assert.equal(columnKind, 'utf16CodeUnits');
    const rules = tool.driver.rules.map((/** @type {{ id: string }} */ rule) => rule.id);
    for (const result of results) {
      assert.equal(rules[result.ruleIndex], result.ruleId);
      assert.match(result.level, /^(error|warning|note)$/);
      const { artifactLocation, region } = result.locations[0].physicalLocation;
      const lines = readFileSync(join(root, artifactLocation.uri), 'utf8').split('\n');
      assert.ok(region.startLine >= 1 && region.endLine <= lines.length + 1 && region.startColumn >= 1);
    }
  });

  it('gives what GitHub Actions reads, with line breaks and commas escaped', () => {
    const { out } = run(['check', ...SEED, '--format', 'github']);
    for (const line of out.trimEnd().split('\n')) {
      assert.match(
        line,
        /^::(error|warning|notice) (file=[^,]+,line=\d+,endLine=\d+,col=\d+,endColumn=\d+,)?title=MS\d{4}::.+$/,
      );
    }
    assert.match(out, /%0Ahelp: /);
  });

  it('has colours only for those who want them', () => {
    assert.match(run(['check', ...SEED], { color: true }).out, /\u001b\[/);
    assert.doesNotMatch(run(['check', ...SEED, '--no-color'], { color: true }).out, /\u001b\[/);
  });
});

describe('meshscope explain', () => {
  it('says what a reference hits and why the others do not', () => {
    const { code, out } = run(['explain', ...SEED, '--ref', 'MeshTimeout/test-server-alt to[0]']);
    assert.equal(code, 0);
    assert.match(out, /^MeshTimeout\/test-server-alt spec\.to\[0\]\.targetRef\nat gallery\/seed\/west\.yaml:\d+:9\n/);
    assert.match(out, /from west: nothing: .*has no port `8080`/);
    assert.match(out, /- MeshService test-server kri_\S+: has no port/);
  });

  it('lists all references, also those of one document or zone', () => {
    const all = run(['explain', ...SEED])
      .out.trimEnd()
      .split('\n');
    assert.ok(all.length > 10);
    const west = run(['explain', ...SEED, '--from', 'east']).out;
    assert.doesNotMatch(west, /from west/);
    const one = JSON.parse(
      run(['explain', ...SEED, '--ref', 'MeshHTTPRoute/test-server-v2-path', '--format', 'json']).out,
    );
    assert.ok(one.references.length > 1);
    assert.equal(one.schemaVersion, 1);
  });
});

describe('meshscope request', () => {
  it('follows a request', () => {
    const { code, out } = run([
      'request',
      ...SEED,
      '--from',
      'west/web-1',
      'http://test-server:80/v2/x',
      '-H',
      'x-user: beta',
    ]);
    assert.equal(code, 0);
    assert.match(out, /^GET http:\/\/test-server:80\/v2\/x from web-1 \(zone west, mesh default\)\nrouted: /);
    assert.match(out, /rule MeshHTTPRoute\/test-server-v2-path to\[0\]\.rules\[0\]/);
    assert.match(
      out,
      /100 % to MeshService test-server-v2 port main in west\n {4}test-server-v2-1 10\.1\.0\.4:80 in west: 100 %/,
    );
  });

  it('gives the whole report as JSON', () => {
    const args = ['--from', 'web-1', 'test-server:80', '--path', '/v2', '--method', 'POST', '--format', 'json'];
    const report = JSON.parse(run(['request', ...SEED, ...args]).out);
    assert.deepEqual([report.outcome, report.request.method, report.kumaVersion], ['routed', 'POST', '2.14.3']);
  });
});

describe('meshscope generate', () => {
  it('gives the YAML of generated services, which can be read again', () => {
    const { code, out } = run(['generate', ...SEED]);
    assert.equal(code, 0);
    assert.match(out, /^type: MeshService\nname: test-server\n/m);
    assert.equal(run(['check', '-', '--quiet'], { input: out }).code, 0);
  });
});

describe('meshscope test', () => {
  file('world.yaml', WORLD);
  file('checks.yaml', CHECKS);
  const test = (/** @type {string[]} */ ...args) => run(['test', 'world.yaml', ...args], { cwd: folder });

  it('passes when every check holds, and says what is covered', () => {
    const { code, out } = test('checks.yaml');
    assert.equal(code, 0, out);
    assert.match(out, /^orders\n {2}ok {3}nine in ten stay\n/);
    assert.match(out, /rules that no check uses:\n {2}MeshTimeout\/orders to\[1\] world\.yaml:\d+:\d+\n/);
    assert.match(out, /\n5 checks passed; 3 of 4 rules covered \(75 %\)\n$/);
  });

  it('fails under the wanted coverage', () => {
    assert.equal(test('checks.yaml', '--fail-under', '75').code, 0);
    const { code, out } = test('checks.yaml', '--fail-under', '80');
    assert.equal(code, 1);
    assert.match(out, /\(75 %\), less than 80 %\n$/);
    assert.equal(test('checks.yaml', '--fail-under', 'all').code, 2);
  });

  it('fails when a check does not hold, and says what differs', () => {
    file('wrong.yaml', CHECKS.replace('share: 90%', 'share: 80%'));
    const { code, out } = test('wrong.yaml');
    assert.equal(code, 1);
    assert.match(
      out,
      /FAIL nine in ten stay wrong\.yaml:\d+:\d+\n {7}90 % of it goes to `orders`.*, not 80 %\n {7}found: /,
    );
    const github = test('wrong.yaml', '--format', 'github').out;
    assert.match(github, /^::error file=wrong\.yaml,line=\d+,.*title=nine in ten stay::90 %25 of it/);
    const json = JSON.parse(test('wrong.yaml', '--format', 'json').out);
    assert.deepEqual([json.passed, json.failed], [4, 1]);
  });

  it('fails when there are no checks, or they cannot be read', () => {
    assert.equal(test().code, 1);
    assert.match(test().out, /there are no checks/);
    file('typo.yaml', CHECKS.replace('lands:', 'land:'));
    const { code, out } = test('typo.yaml');
    assert.equal(code, 1);
    assert.match(out, /error\[MS1101\]: a request has no field `land`/);
  });
});

describe('meshscope diff', () => {
  file('old.yaml', WORLD);

  it('finds nothing where only lines moved', () => {
    file('moved.yaml', `# a line more\n${WORLD}`);
    const { code, out } = run(['diff', 'old.yaml', 'moved.yaml', '--fail-on', 'any'], { cwd: folder });
    assert.equal(code, 0, out);
    assert.match(
      out,
      /^0 introduced, 0 fixed, \d+ unchanged; no request changes \(\d+ classes of requests of \d+ prox/m,
    );
  });

  it('names the requests that stop or land elsewhere, and fails for them', () => {
    file('new.yaml', WORLD.replace(/weight: 10\b/, 'weight: 0'));
    const { code, out } = run(['diff', 'old.yaml', 'new.yaml'], { cwd: folder });
    assert.equal(code, 1, out);
    assert.match(out, /lands elsewhere: \w+ /);
    assert.equal(run(['diff', 'old.yaml', 'new.yaml', '--fail-on', 'never'], { cwd: folder }).code, 0);
    const json = JSON.parse(run(['diff', 'old.yaml', 'new.yaml', '--format', 'json'], { cwd: folder }).out);
    assert.ok(json.requests.changes.length > 0);
  });
});

describe('the worlds of the gallery on the command line', () => {
  for (const { id, files, expect, sources } of worlds()) {
    it(id, () => {
      const args = files.flatMap(({ name, zone }) =>
        zone ? ['--zone', `${zone}=gallery/${id}/${name}`] : [`gallery/${id}/${name}`],
      );
      const environment = sources.find((source) => source.environment)?.environment;
      if (environment && sources.every((source) => source.environment === environment))
        args.push('--environment', environment);
      const { code, out, err } = run(['check', ...args, '--format', 'json', '--fail-on', 'never']);
      assert.deepEqual([code, err], [0, '']);
      const codes = JSON.parse(out).diagnostics.map((/** @type {{ code: string }} */ each) => each.code);
      const wanted = expect.flatMap((each) => (/^MS\d+$/.test(each.problem ?? '') && !each.mode ? [each.problem] : []));
      for (const problem of wanted) assert.ok(codes.includes(problem), `${problem} is not among ${codes.join(', ')}`);
      const listed = run(['explain', ...args]);
      assert.deepEqual([listed.code, listed.err], [0, '']);
      assert.equal(run(['generate', ...args]).code, 0);
    });
  }
});
