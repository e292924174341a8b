// The types that wasm-bindgen wrote of the Rust ones, without what is about loading the engine, and the JSON Schema of the
// same, so that there is one source for all three. Usage: node scripts/schema.mjs ENGINE.d.ts TYPES.d.ts SCHEMA.json
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** @typedef {{ [key: string]: unknown }} Schema */

/** Names in the engine's types that are about loading it. */
const INTERNAL = /^(InitInput|SyncInitInput|InitOutput)$/;

/**
 * Reads the interfaces and type aliases of a file that tsify wrote: no generics but arrays and `Record<string, T>`. What it
 * does not know is an error, so that a new form of type cannot get through unseen.
 * @param {string} text
 * @returns {Record<string, Schema>}
 */
export function definitions(text) {
  const tokens = [
    ...text.matchAll(/\/\*\*[\s\S]*?\*\/|\/\*[\s\S]*?\*\/|'[^']*'|"[^"]*"|[A-Za-z_$][\w$]*|[0-9.]+|\S/g),
  ].map((m) => m[0]);
  let at = 0;
  const peek = () => tokens[at] ?? '';
  const take = (/** @type {string} */ wanted) => {
    if (peek() !== wanted) throw new SyntaxError(`${wanted} is expected, not ${tokens.slice(at, at + 6).join(' ')}`);
    at++;
  };
  const next = () => tokens[at++] ?? '';
  const isDoc = (/** @type {string} */ token) => token.startsWith('/**');
  const docText = (/** @type {string} */ token) =>
    token
      .slice(3, -2)
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, '').trim())
      .join(' ')
      .trim();

  /** @returns {Schema} */
  function type() {
    /** @type {Schema[]} */
    const parts = [];
    if (peek() === '|') at++;
    do parts.push(postfix());
    while (peek() === '|' && next());
    const consts = parts.map((part) => part['const']);
    const [only] = parts;
    if (parts.length === 1 && only) return only;
    return consts.every((each) => each !== undefined) ? { enum: consts } : { anyOf: parts };
  }
  /** @returns {Schema} */
  function postfix() {
    let one = primary();
    while (peek() === '[') {
      take('[');
      take(']');
      one = { type: 'array', items: one };
    }
    return one;
  }
  /** @returns {Schema} */
  function primary() {
    if (isDoc(peek())) at++;
    const token = next();
    if (/^['"]/.test(token)) return { const: token.slice(1, -1) };
    switch (token) {
      case 'string':
      case 'number':
      case 'boolean':
      case 'null':
        return { type: token };
      case 'unknown':
        return {};
      case 'undefined':
        return { not: {} };
      case '(': {
        const inside = type();
        take(')');
        return inside;
      }
      case 'Record': {
        take('<');
        take('string');
        take(',');
        const values = type();
        take('>');
        return { type: 'object', additionalProperties: values };
      }
      case '{':
        return object();
    }
    if (!/^[A-Z]\w*$/.test(token) || peek() === '<') throw new SyntaxError(`no JSON Schema for the type ${token}`);
    return { $ref: `#/$defs/${token}` };
  }
  /** @returns {Schema} */
  function object() {
    /** @type {Record<string, Schema>} */
    const properties = {};
    /** @type {string[]} */
    const required = [];
    while (peek() !== '}') {
      const description = isDoc(peek()) ? docText(next()) : undefined;
      const key = next().replace(/^['"]|['"]$/g, '');
      const optional = peek() === '?';
      if (optional) at++;
      take(':');
      const value = type();
      take(';');
      properties[key] = description === undefined ? value : { description, ...value };
      if (!optional) required.push(key);
    }
    take('}');
    return { type: 'object', properties, required, additionalProperties: false };
  }

  /** @type {Record<string, Schema>} */
  const found = {};
  let doc;
  while (at < tokens.length) {
    const token = next();
    if (isDoc(token)) {
      doc = docText(token);
      continue;
    }
    if (token === 'export' && (peek() === 'interface' || peek() === 'type')) {
      const alias = next() === 'type';
      const name = next();
      if (INTERNAL.test(name)) {
        doc = undefined;
        continue;
      }
      if (alias) take('=');
      else take('{');
      const schema = alias ? type() : object();
      found[name] = doc === undefined ? schema : { description: doc, ...schema };
    } else if (token === 'export' && peek() === 'class') {
      // what follows are calls, not data; it has no types of its own inside
      while (at < tokens.length && peek() !== '}') at++;
    }
    doc = undefined;
  }
  return found;
}

/**
 * The types as a module of their own.
 * @param {string} text
 * @returns {string}
 */
export function types(text) {
  const blocks = text.matchAll(
    /(?:\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?export (?:interface (\w+) \{\n[\s\S]*?\n\}|type (\w+) = .*;)\n/g,
  );
  const kept = [...blocks].filter(([, one, other]) => !INTERNAL.test(one ?? other ?? '')).map(([block]) => block);
  if (kept.length !== Object.keys(definitions(text)).length) throw new SyntaxError('a type has an unknown form');
  return `/** What goes into the engine and what comes out of it: the types of the Rust core. */\n${kept.join('\n')}`;
}

/**
 * The whole schema.
 * @param {string} text
 * @returns {Schema}
 */
export function schema(text) {
  const defs = definitions(text);
  const array = (/** @type {string} */ name) => ({ type: 'array', items: { $ref: `#/$defs/${name}` } });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'meshscope',
    description:
      'What `evaluate` of the package meshscope gives. Other answers are below `$defs`, by the name of their type.',
    type: 'object',
    properties: {
      schemaVersion: { description: 'The version of the shape of answers.', const: 1 },
      kumaVersion: { description: 'The Kuma release whose rules the answers follow.', type: 'string' },
      summary: { $ref: '#/$defs/Summary' },
      rules: array('ReferenceReport'),
      services: array('ServiceReport'),
      diagnostics: array('DiagnosticReport'),
    },
    required: ['schemaVersion', 'kumaVersion', 'summary', 'rules', 'services', 'diagnostics'],
    additionalProperties: false,
    $defs: Object.fromEntries(Object.entries(defs).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [from, typesTo, schemaTo] = process.argv.slice(2);
  if (!from || !typesTo || !schemaTo)
    throw new Error('usage: node scripts/schema.mjs ENGINE.d.ts TYPES.d.ts SCHEMA.json');
  const text = readFileSync(from, 'utf8');
  writeFileSync(typesTo, types(text));
  writeFileSync(schemaTo, `${JSON.stringify(schema(text))}\n`);
}
