// A guard against mistakes that make everything many times slower or larger. `make bench` measures.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('../../benches/engine.mjs', import.meta.url));

it('no figure is out of all proportion', () => {
  const out = execFileSync(process.execPath, ['--expose-gc', bench, '--quick', '--json'], { encoding: 'utf8' });
  /** @type {Record<string, number>} */
  const figures = JSON.parse(out);
  // ten times what they are on an idle machine: tests run beside other work
  const most = [
    [/^everything evaluated, 100 services/, 600],
    [/^everything evaluated, 300 services/, 2_000],
    [/^edit, 1023 lines, median/, 120],
    [/^edit, 5\d{3} lines, median/, 600],
    [/^memory, 100 services/, 60],
  ];
  for (const [name, limit] of most) {
    const found = Object.entries(figures).filter(([what]) => name.test(what));
    assert.equal(found.length, 1, String(name));
    assert.ok(found[0][1] <= limit, `${found[0]} is more than ${limit}`);
  }
  // twelve times is what the square of the size would make of it
  const growth = Object.entries(figures).filter(([what]) => what.startsWith('everything evaluated'));
  assert.ok(growth[1][1] / growth[0][1] <= 9, String(growth));
});
