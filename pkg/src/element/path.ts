/**
 * Where a line stands in its YAML document, read from indentation alone, so that it works on half-typed text too. Only
 * for completion: what rules mean is the engine's business.
 */

/** A place in a document: the keys down to it, outermost first; list items do not count. */
export interface LinePath {
  readonly keys: readonly string[];
  /** The key on the line itself, if the caret stands in its value. */
  readonly key: string | undefined;
  /** `key: value` pairs that stand beside it, in the same mapping. */
  readonly siblings: ReadonlyMap<string, string>;
  /** The document's `type`, or `kind` in Kubernetes form; empty while it has none. */
  readonly documentKind: string;
  /** Pairs of the mapping around that, for instance the reference around its `labels`. */
  readonly outer: ReadonlyMap<string, string>;
}

const PAIR = /^(\s*(?:-\s+)*)("[^"]*"|'[^']*'|[^\s#:'"][^:#]*?)\s*:(?:\s+(.*))?$/;

interface Parsed {
  /** Column of the key. */
  readonly indent: number;
  /** Column of the dash that begins the item, or -1. */
  readonly dash: number;
  readonly key: string;
  readonly value: string;
}

function parse(line: string): Parsed | undefined {
  const match = PAIR.exec(line);
  if (!match) return undefined;
  const lead = match[1] ?? '';
  return {
    indent: lead.length,
    dash: lead.indexOf('-'),
    key: unquote(match[2] ?? ''),
    value: unquote((match[3] ?? '').replace(/\s+#.*$/, '').trim()),
  };
}

/** A scalar without its quotes. */
export function unquote(text: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(text);
  return quoted ? (quoted[2] ?? '') : text;
}

const separator = (line: string): boolean => /^---/.test(line);

/** The path at line `at` (0-based) with the caret in `column`. */
export function pathAt(lines: readonly string[], at: number, column: number): LinePath {
  const line = lines[at] ?? '';
  const own = parse(line);
  const inValue = own !== undefined && column > line.indexOf(':', own.indent);
  const indent = own ? own.indent : (/^\s*(?:-\s+)*/.exec(line)?.[0].length ?? 0);
  const around = block(lines, at, indent);
  const keys: string[] = [];
  let outer: ReadonlyMap<string, string> = new Map();
  let limit = around.dash >= 0 ? Math.min(around.dash + 1, indent) : indent;
  for (let n = around.first - (around.dash >= 0 ? 0 : 1); n >= 0 && limit > 0; n--) {
    const text = lines[n] ?? '';
    if (separator(text)) break;
    const found = parse(text);
    if (!found || n === at) continue;
    // A list may stand at its key's own column: `to:` and below it `- targetRef:`.
    const above = found.dash >= 0 && found.dash < limit ? found.indent : found.indent;
    if (above < limit || (around.dash === above && keys.length === 0 && found.value === '' && found.dash < 0)) {
      if (keys.length === 0) outer = block(lines, n, found.indent).pairs;
      keys.unshift(found.key);
      limit = found.dash >= 0 ? Math.min(found.dash + 1, found.indent) : found.indent;
    }
  }
  return {
    keys,
    key: inValue ? own.key : undefined,
    siblings: around.pairs,
    documentKind: documentKind(lines, at),
    outer,
  };
}

/** The kind of the document around a line. */
function documentKind(lines: readonly string[], at: number): string {
  let first = at;
  while (first > 0 && !separator(lines[first - 1] ?? '')) first--;
  for (let n = first; n < lines.length; n++) {
    const line = lines[n] ?? '';
    if (n > first && separator(line)) break;
    const found = /^(?:type|kind):\s+["']?([A-Za-z]+)/.exec(line);
    if (found) return found[1] ?? '';
  }
  return '';
}

/** The mapping that a line belongs to: its scalar pairs, where it begins, and its dash if it is a list's item. */
function block(
  lines: readonly string[],
  at: number,
  indent: number,
): { pairs: Map<string, string>; first: number; dash: number } {
  const pairs = new Map<string, string>();
  const take = (found: Parsed): void => {
    if (found.value !== '' && !pairs.has(found.key)) pairs.set(found.key, found.value);
  };
  let first = at;
  let dash = -1;
  const lineDash = /^(\s*)-\s/.exec(lines[at] ?? '');
  if (lineDash) dash = lineDash[1]?.length ?? 0;
  for (let n = at - 1; n >= 0 && dash < 0; n--) {
    const text = lines[n] ?? '';
    if (separator(text)) break;
    if (text.trim() === '' || text.trim().startsWith('#')) continue;
    const found = parse(text);
    const column = found ? found.indent : text.length - text.trimStart().length;
    if (column < indent) break;
    if (!found || column > indent) continue;
    take(found);
    first = n;
    dash = found.dash;
  }
  for (let n = at; n < lines.length; n++) {
    const text = lines[n] ?? '';
    if (n > at && separator(text)) break;
    if (text.trim() === '' || text.trim().startsWith('#')) continue;
    const found = parse(text);
    const column = found ? found.indent : text.length - text.trimStart().length;
    if (n > at && (column < indent || (found && found.dash >= 0 && column <= indent))) break;
    if (found && column === indent && n !== at) take(found);
  }
  const own = parse(lines[at] ?? '');
  if (own) take(own);
  return { pairs, first, dash };
}
