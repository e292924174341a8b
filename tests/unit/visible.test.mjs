// Hidden characters become visible, and only those; what goes back into files stays as it is.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  countHidden,
  isolated,
  mayHide,
  restored,
  restoredReport,
  visible,
  visibleReport,
  visibleText,
} from '../../pkg/dist/element/visible.js';

describe('hidden characters', () => {
  for (const [name, hidden, shown] of /** @type {const} */ ([
    ['right-to-left override', '\u202e', '⟦U+202E⟧'],
    ['isolate', '\u2067', '⟦U+2067⟧'],
    ['zero width space', '\u200b', '⟦U+200B⟧'],
    ['zero width joiner', '\u200d', '⟦U+200D⟧'],
    ['byte order mark', '\ufeff', '⟦U+FEFF⟧'],
    ['soft hyphen', '\u00ad', '⟦U+00AD⟧'],
    ['no-break space', '\u00a0', '⟦U+00A0⟧'],
    ['Hangul filler', '\u3164', '⟦U+3164⟧'],
    ['Braille blank', '\u2800', '⟦U+2800⟧'],
    ['tag', '\u{e0041}', '⟦U+E0041⟧'],
    ['variation selector', '\ufe0f', '⟦U+FE0F⟧'],
    ['escape', '\u001b', '⟦U+001B⟧'],
    ['line break', '\n', '⟦U+000A⟧'],
    ['half of a pair', '\ud800', '⟦U+D800⟧'],
  ])) {
    it(`${name} is written out, and comes back`, () => {
      assert.equal(visible(`a${hidden}b`), `a${shown}b`);
      assert.equal(restored(`a${shown}b`), `a${hidden}b`);
    });
  }

  it('leaves what one sees alone', () => {
    const text = 'orders-v2 größe 支付 🐙 שלום ⟦x⟧ U+202E';
    assert.equal(visible(text), text);
    assert.equal(restored(text), text);
    assert.equal(restored('⟦U+FFFFFF⟧'), '⟦U+FFFFFF⟧');
  });

  it('keeps the lines of a text, and counts', () => {
    assert.equal(visibleText('a:\r\n\tb\u200b\n'), 'a:\r\n\tb⟦U+200B⟧\n');
    assert.equal(countHidden('a\u200b\n\u202e'), 2);
  });

  it('goes through a report, keys too, but not through what is put into files', () => {
    const report = { name: 'a\u200b', labels: { 'k\u200b': 'v' }, fixes: [{ title: '\u200b', text: 'a\u200b' }], n: 1 };
    const shown = visibleReport(report);
    assert.deepEqual(shown, {
      name: 'a⟦U+200B⟧',
      labels: { 'k⟦U+200B⟧': 'v' },
      fixes: [{ title: '⟦U+200B⟧', text: 'a\u200b' }],
      n: 1,
    });
    assert.equal(restoredReport(shown).name, report.name);
    assert.deepEqual(Object.keys(restoredReport(shown).labels), ['k\u200b']);
  });

  it('knows which YAML to look at', () => {
    assert.equal(mayHide('name: plain\nspec:\n  to: [a]\n'), false);
    for (const yaml of [
      'name: a\u200b',
      'name: "\\u200b"',
      'name: |\n  a\n',
      'name: >-\n  a\n',
      'name: !!binary 4oCL',
    ]) {
      assert.equal(mayHide(yaml), true, yaml);
    }
  });

  it('isolates what is written from right to left, and nothing else', () => {
    assert.equal(isolated('שלום'), '\u2068שלום\u2069');
    assert.equal(isolated('orders'), 'orders');
  });
});
