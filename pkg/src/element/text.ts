/** Messages as the engine writes them. */
import { html, type TemplateResult } from 'lit';
import { badges } from './visible.js';

/** Text with `backticks` around the user's own words, which are set in monospace. */
export function codeText(text: string): TemplateResult {
  const parts = text.split('`');
  return html`${parts.map((part, at) => (at % 2 === 1 && at < parts.length - 1 ? html`<code>${badges(part)}</code>` : badges(part)))}`;
}
