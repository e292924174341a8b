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
  /** @param {string} start */
  const figure = (start) => {
    const found = Object.entries(figures).find(([what]) => what.startsWith(start));
    assert.ok(found, `there is no figure of ${start}`);
    return found[1];
  };
  // ten times what they are on an idle machine: tests run beside other work
  for (const [start, most] of /** @type {const} */ ([
    ['everything evaluated, 100 services', 600],
    ['everything evaluated, 300 services', 2_000],
    ['edit, 1023 lines, median', 120],
    ['edit, 5113 lines, median', 600],
    ['memory, 100 services', 20],
  ])) {
    assert.ok(figure(start) <= most, `${start}: ${figure(start)} is more than ${most}`);
  }
  // nine times is what the square of the size would make of it
  const growth = figure('everything evaluated, 300') / figure('everything evaluated, 100');
  assert.ok(growth <= 8, `${growth} times the time for three times the services`);
});
