/** What the editor shows when the pointer rests on a reference: where it lands, and for what did not fit, why. */
import { render, html, type TemplateResult } from 'lit';
import type { Rule } from './model.js';
import { hitText } from './parts.js';
import { codeText } from './text.js';
import type { Session } from './session.js';

const MOST = 5;

/** The card for the reference at an offset. */
export function hoverCard(
  session: Session,
  source: number,
  offset: number,
): { from: number; to: number; node: HTMLElement } | undefined {
  if (session.stale || !session.answer) return undefined;
  const id = session.answer.at(source, offset, false);
  const rule = session.answer.rules.find((each) => each.id === id);
  if (!rule?.place) return undefined;
  const node = document.createElement('div');
  node.className = 'ms-hover';
  render(card(rule), node);
  return { from: rule.place.from, to: rule.place.to, node };
}

function card(rule: Rule): TemplateResult {
  return html`<div class="ms-hover-asks">${codeText(rule.asks)}</div>
    ${rule.answers.map((answer) => {
      const rest = answer.candidates.filter((candidate) => !candidate.chosen);
      return html`${rule.answers.length > 1 ? html`<div class="ms-hover-no">from ${answer.zones.join(', ')}</div>` : ''}
      ${answer.meaning ? html`<div>→ ${answer.meaning}</div>` : ''}
      ${answer.hits.map((hit) => html`<div class="ms-hover-hit">→ ${hitText(hit)}</div>`)}
      ${answer.reason ? html`<div class=${`ms-hover-${answer.tone}`}>${codeText(answer.reason)}</div>` : ''}
      ${rest
        .slice(0, MOST)
        .map(
          (each) =>
            html`<div class="ms-hover-no">
              ✗ ${each.name}${each.zone ? ` · ${each.zone}` : ''}: ${codeText(each.reason)}
            </div>`,
        )}
      ${rest.length > MOST ? html`<div class="ms-hover-no">and ${rest.length - MOST} more</div>` : ''}`;
    })}`;
}
