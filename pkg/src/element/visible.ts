/**
 * Characters that nobody sees, or that change the order of others, in names of strangers: they are shown as `⟦U+202E⟧`, so
 * that no two names look alike that are not. Text of files is never changed, only what is shown of it.
 */
import { html, type TemplateResult } from 'lit';

/**
 * Controls, format characters (zero width, bidirectional, tags), separators other than the space, variation selectors,
 * fillers that are blank, and halves of surrogate pairs.
 */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;
/** The same for text of several lines, as editors show it. */
export const HIDDEN_IN_TEXT = new RegExp(`(?![\\n\\r\\t])${HIDDEN.source}`, 'gu');
/** All of them are among these. */
const UNUSUAL = /[^\n\r\t -~]/;
const SHOWN = /⟦U\+([0-9A-F]{4,6})⟧/g;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Its name: `U+202E`. */
export function codePoint(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

const show = (hidden: string): string => `⟦${codePoint(hidden.codePointAt(0) ?? 0)}⟧`;

/** A name with every hidden character made visible. */
export function visible(text: string): string {
  return text.replace(HIDDEN, show);
}

/** The same for text of several lines. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN_IN_TEXT, show);
}

/** How many hidden characters a text of several lines has. */
export function countHidden(text: string): number {
  return text.match(HIDDEN_IN_TEXT)?.length ?? 0;
}

/** The opposite of `visible`. */
export function restored(text: string): string {
  return text.replace(SHOWN, (_all, code: string) => {
    const value = Number.parseInt(code, 16);
    return value <= 0x10ffff ? String.fromCodePoint(value) : _all;
  });
}

/** A name among others on a line of plain text: one that is written from right to left keeps to itself. */
export function isolated(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}

/** Whether hidden characters can come out of this YAML: it has one, an escape, a block scalar or bytes. */
export function mayHide(yaml: string): boolean {
  // What is cheap comes first: this looks at every version of a text.
  if (yaml.includes('\\') || yaml.includes('!!binary')) return true;
  if (/[|>][-+0-9]*[ \t]*$/m.test(yaml)) return true;
  return UNUSUAL.test(yaml) && countHidden(yaml) > 0;
}

/** What goes back into files or to the clipboard as it is. */
const EXACT = new Set(['yaml', 'text', 'sources']);

/** A report with every string of it made visible, but for what is put into files. */
export function visibleReport<T>(report: T): T {
  return walk(report, visible) as T;
}

/** What the engine is asked about, with names as they are. */
export function restoredReport<T>(report: T): T {
  return walk(report, restored) as T;
}

function walk(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each) => walk(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [change(key), EXACT.has(key) ? each : walk(each, change)]),
  );
}

/** Text with a badge in place of each hidden character. */
export function badges(text: string): TemplateResult | string {
  if (!text.includes('⟦')) return text;
  return html`${text
    .split(/(⟦U\+[0-9A-F]{4,6}⟧)/)
    .map((part, at) => (at % 2 === 1 ? html`<span class="hidden-char">${part.slice(1, -1)}</span>` : part))}`;
}
