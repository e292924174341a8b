/** What a change of the files does: to requests, as a table with both traces, and to the text, as lines before and after. */
import { html, nothing, type TemplateResult } from 'lit';
import type { EditReport, PlaceReport, ProofReport, RequestChange } from '../types.js';
import { percent } from './format.js';
import { count, zoneMark } from './parts.js';
import type { Session } from './session.js';
import { codeText } from './text.js';
import { badges, visibleText } from './visible.js';

/** What can become of a request, in a few words. */
export const CHANGES = {
  stops: 'stops',
  elsewhere: 'lands elsewhere',
  treated: 'is treated otherwise',
  starts: 'starts',
  shares: 'other shares',
} as const;

/** What becomes of requests: how many were compared, and a row for each that changes. */
export function proofTable(session: Session, proof: ProofReport | undefined): TemplateResult {
  if (!proof) return html`<p class="dim" role="status">Comparing every request…</p>`;
  const compared = `${count(proof.classes, 'class', 'classes')} of requests of ${count(proof.proxies, 'proxy', 'proxies')} compared`;
  return html`<div role="status" aria-label="What changes">
    <p class=${proof.unchanged ? 'good' : ''}>
      <strong
        >${proof.changes.length === 0 ? 'No request changes' : `${count(proof.changes.length, 'kind')} of requests change`}</strong
      >
      <span class="dim"
        >${compared}${proof.newCalls ? `, ${count(proof.newCalls, 'address', 'addresses')} new` : ''}</span
      >
    </p>
    ${
      proof.changes.length > 0
        ? html`<table aria-label="Requests that change">
            <thead>
              <tr>
                <th scope="col">Request</th>
                <th scope="col">Change</th>
                <th scope="col">Before</th>
                <th scope="col">After</th>
              </tr>
            </thead>
            <tbody>
              ${proof.changes.slice(0, 40).map((change) => changeRow(session, change))}
            </tbody>
          </table>`
        : nothing
    }
    ${proof.changes.length > 40 ? html`<p class="dim">and ${proof.changes.length - 40} more</p>` : nothing}
    ${proof.notEvaluated.map((each) => html`<p class="warn">Not compared: ${codeText(each)}</p>`)}
  </div>`;
}

/** One kind of request that changes. */
function changeRow(session: Session, change: RequestChange): TemplateResult {
  const { request } = change;
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
  return html`<tr>
    <td>
      <span class="mono">${request.method} ${request.to}${request.path}</span>
      ${headers.length ? html`<div class="mono small">${headers.join('; ')}</div>` : nothing}
      <div class="dim small">
        from ${badges(request.proxy)}${change.proxies.length > 1 ? ` and ${change.proxies.length - 1} more` : ''}
        ${zoneMark(request.zone, session.zones)}
      </div>
      ${
        change.traces
          ? html`<details>
              <summary class="dim small">both traces</summary>
              <p class="small">Before: ${codeText(change.traces.before.summary)}</p>
              <p class="small">After: ${codeText(change.traces.after.summary)}</p>
            </details>`
          : nothing
      }
    </td>
    <td class=${change.kind === 'stops' ? 'bad' : ''}>
      ${CHANGES[change.kind]}
      <div class="dim small">${codeText(change.what)}</div>
    </td>
    <td>${placesOf(session, change.before.places, change.before.summary)}</td>
    <td>${placesOf(session, change.after.places, change.after.summary)}</td>
  </tr>`;
}

/** Where a request lands, and with which share. */
function placesOf(session: Session, places: readonly PlaceReport[], summary: string): TemplateResult {
  if (places.length === 0) return html`${codeText(summary)}`;
  return html`${places.map(
    (each) =>
      html`<div>
        ${each.zone ? zoneMark(each.zone, session.zones) : nothing}
        <span class="mono small">${badges(each.name)}:${each.port}</span>
        <span class="dim small">${percent(each.share)}${each.refused ? ', refused' : ''}</span>
      </div>`,
  )}`;
}

/** Whole lines with a sign. */
export function lines(text: string, side: 'old' | 'new'): TemplateResult[] {
  const sign = side === 'old' ? '- ' : '+ ';
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => html`<span class=${side}>${sign}${line}</span>`);
}

/** The lines that an edit changes, before and after. */
export function diff(text: string, edit: EditReport): TemplateResult {
  const { start, end } = edit;
  const from = text.lastIndexOf('\n', start.utf16 - 1) + 1;
  const lineEnd = text.indexOf('\n', end.utf16);
  const to = lineEnd < 0 ? text.length : lineEnd;
  const old = visibleText(text.slice(from, to));
  const after = visibleText(text.slice(from, start.utf16) + edit.text + text.slice(end.utf16, to));
  if (old === '') return html`<pre class="diff">${lines(after, 'new')}</pre>`;
  // Lines that only stand at the edge of the edit stay without a sign.
  const [before, now] = [old.split('\n'), after.split('\n')];
  let same = 0;
  while (same < before.length && before[same] === now[same]) same++;
  return html`<pre class="diff">
${before.slice(0, same).map((line) => html`<span> ${line}</span>`)}${
      same < before.length ? lines(before.slice(same).join('\n'), 'old') : nothing
    }${same < now.length ? lines(now.slice(same).join('\n'), 'new') : nothing}</pre>`;
}
