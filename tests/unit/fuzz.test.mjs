// A short run of what `make fuzz` does for longer.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fuzz } from '../fuzz/links.mjs';

it('links of every kind give what their type promises, or nothing', async () => {
  for (const seed of [1, 2, 3]) assert.ok((await fuzz({ seed, runs: 400, seconds: 20 })) > 0);
});
