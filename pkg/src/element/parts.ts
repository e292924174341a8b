/** Small pieces that several views draw the same way. */
import { html, nothing, type TemplateResult } from 'lit';
import type { PortReport } from '../types.js';
import type { Hit, Place } from './model.js';
import type { Session } from './session.js';
import { badges, isolated } from './visible.js';

/** The mark of a zone: its colour, and always its name. */
export function zoneMark(zone: string, order: readonly string[]): TemplateResult {
  const at = order.indexOf(zone);
  return html`<span class="zone ${at < 0 ? '' : `zone-${at % 8}`}">${zone ? badges(zone) : 'global'}</span>`;
}

/** A port: its name, if it has one, and its number. */
export function portText(port: PortReport): string {
  const number = String(port.port);
  return port.name && port.name !== number ? `${port.name} ${number}` : number;
}

/** A path that may break before its dots. */
export function breakable(path: string): TemplateResult {
  return html`${path.split('.').map((part, at) => (at === 0 ? badges(part) : html`<wbr />.${badges(part)}`))}`;
}

/** Ports in a row. */
export function portsText(ports: readonly PortReport[]): string {
  return ports.map(portText).join(', ');
}

/** A destination in one line of text: `orders · http 8080 · west`. */
export function hitText(hit: Hit): string {
  return [hit.name, portsText(hit.ports), hit.zone]
    .filter((part) => part !== '')
    .map(isolated)
    .join(' · ');
}

/** A name that leads to its place in the YAML; plain text where it has none. */
export function placeLink(session: Session, text: string, place: Place | undefined): TemplateResult {
  if (!place) return html`<span class="mono">${badges(text)}</span>`;
  return html`<button
    type="button"
    class="link mono"
    title="Show in the YAML, line ${place.line}"
    @click=${(event: Event) => {
      event.stopPropagation();
      session.reveal(place);
    }}
  >
    ${badges(text)}
  </button>`;
}

/** The name of a destination: to its place in the YAML, or for a generated one to its card. */
export function hitLink(session: Session, hit: Hit): TemplateResult {
  const { service } = hit;
  if (hit.place || service === undefined) return placeLink(session, hit.name, hit.place);
  return html`<button
    type="button"
    class="link mono"
    title="Show under Services"
    @click=${(event: Event) => {
      event.stopPropagation();
      session.show('services');
      session.select(service, 'editor');
    }}
  >
    ${badges(hit.name)}
  </button>`;
}

/**
 * Words that lead to the page that explains them, such as `docs/rules/targets.md#section-names`; the words alone where there
 * is no such page.
 */
export function explained(session: Session, words: string | TemplateResult, to: string): TemplateResult {
  if (!session.explain) return html`${words}`;
  const href = session.explain + to.replace(/^docs\//, '').replace(/\.md(?=#|$)/, '.html');
  return html`<a class="link" target="_blank" rel="noopener" href=${href}>${words}</a>`;
}

/** A link to the code of a problem. */
export function explainedCode(session: Session, code: string): TemplateResult {
  return explained(session, html`<code>${code}</code>`, `docs/diagnostics.md#${code}`);
}

/** Words of headings that keep their capitals in a link's lower-case anchor. */
const PROPER: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'Kuma',
    'DNS',
    'KRI',
    'HTTP',
    'TCP',
    'JSON',
    'YAML',
    'MeshService',
    'MeshTCPRoute',
    'ReachableBackends',
    'Kubernetes',
    'mTLS',
  ].map((word) => [word.toLowerCase(), word]),
);

/** A link to a section of the book of rules, named by its heading. */
export function explainedRule(session: Session, to: string | undefined): TemplateResult | typeof nothing {
  if (!to || !session.explain) return nothing;
  const words = to.slice(to.indexOf('#') + 1).split('-');
  const heading = words.map((word) => PROPER[word] ?? word).join(' ');
  return html`<span class="rule-link small">rule: ${explained(session, heading, to)}</span>`;
}

/** "1 rule", "2 rules". */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`;
}

/** What a view shows while there is no answer yet. */
export function waiting(session: Session): TemplateResult | typeof nothing {
  if (session.answer) return nothing;
  if (session.status.kind === 'failed') {
    return html`<div class="empty" role="alert">
      <h2>The engine stopped</h2>
      <p>Your text is kept. ${session.status.message}</p>
      <button class="button" type="button" @click=${() => session.retry()}>Try again</button>
    </div>`;
  }
  if (session.status.kind === 'missing') {
    return html`<div class="empty" role="alert">
      <h2>The YAML could not be loaded</h2>
      <p>${session.status.message}</p>
    </div>`;
  }
  return html`<div class="empty" role="status"><p>Reading the YAML…</p></div>`;
}
