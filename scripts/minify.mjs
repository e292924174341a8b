// Minifies every module of a folder in place. Names that are exported stay, and so do files: imports between them are as
// they were.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { minify } from 'vite';

const folder = process.argv[2] ?? '.';
for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.js')) continue;
  const path = join(folder, name);
  const text = readFileSync(path, 'utf8');
  const start = /^#!.*\n/.exec(text)?.[0] ?? '';
  const { code, errors } = await minify(name, text.slice(start.length), { module: true });
  if (errors.length > 0) throw new Error(`${path}: ${errors.map((error) => error.message).join('; ')}`);
  writeFileSync(path, start + code);
}
