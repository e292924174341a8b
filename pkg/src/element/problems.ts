/** The Problems view: every diagnostic with its code, its place, what to write instead, and Kuma's own words. */
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { Fix, Place, Problem } from './model.js';
import { explainedCode, explainedRule, waiting } from './parts.js';
import { Arrivals, Follow, type Session } from './session.js';
import { codeText } from './text.js';
import { base } from './theme.js';
import { visible } from './visible.js';
import { Window } from './window.js';

const SIGN = { error: '✕', warning: '!', info: 'i' } as const;
const WORD = { error: 'Error', warning: 'Warning', info: 'Note' } as const;

export class MsProblems extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: block;
        height: 100%;
        overflow: auto;
      }
      li.problem {
        display: grid;
        grid-template-columns: 20px minmax(0, 1fr);
        overflow-wrap: anywhere;
        gap: 2px 8px;
        padding: 12px 14px;
        border-bottom: 1px solid var(--ms-line);
      }
      li.problem[aria-current] {
        background: var(--ms-accent-bg);
        box-shadow: inset 3px 0 var(--ms-accent);
      }
      .sign {
        display: grid;
        place-items: center;
        width: 16px;
        height: 16px;
        margin-top: 2px;
        border-radius: 50%;
        background: var(--ms-accent);
        color: var(--ms-bg);
        font: 700 10.5px/1 var(--ms-mono);
      }
      .error .sign {
        background: var(--ms-bad);
      }
      .warning .sign {
        border-radius: 3px;
        background: var(--ms-warn);
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        gap: 0 10px;
        align-items: baseline;
      }
      .message {
        font-weight: 500;
        overflow-wrap: anywhere;
      }
      .body {
        display: grid;
        gap: 4px;
        grid-column: 2;
      }
      .fixes {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        margin: 2px 0;
      }
      .fixes .button {
        height: auto;
        min-height: 26px;
        white-space: normal;
      }
      .fixes code {
        overflow-wrap: anywhere;
      }
      .kuma {
        padding: 4px 8px;
        border-left: 2px solid var(--ms-line-2);
        background: var(--ms-bg-2);
        color: var(--ms-fg-2);
        overflow-wrap: anywhere;
      }
    `,
  ];
  static override properties = { session: { attribute: false }, readonly: { type: Boolean } };

  declare session: Session | undefined;
  /** Offers no edits. */
  declare readonly: boolean;

  #arrivals = new Arrivals();
  #window = new Window(100, () => this.requestUpdate());

  constructor() {
    super();
    this.readonly = false;
    new Follow(this, () => this.session);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { session } = this;
    if (!session) return nothing;
    const { answer } = session;
    if (!answer) return html`${waiting(session)}`;
    if (answer.problems.length === 0) {
      return html`<div class="empty">
        <h2>No problems</h2>
        <p>Kuma would take every document, and nothing in them contradicts itself.</p>
      </div>`;
    }
    const { problems } = answer;
    const selected = problems.findIndex((each) => each.id === session.selected);
    const shown = this.#window.rows(problems, selected);
    return html`${this.#window.before('problems')}
      <ul aria-label="Problems">
        ${shown.map((problem) => this.#problem(session, problem))}
      </ul>
      ${this.#window.after(problems.length, 'problems')}`;
  }

  #problem(session: Session, problem: Problem): TemplateResult {
    const { place } = problem;
    const file = place ? visible(session.files[place.source]?.name ?? '') : undefined;
    return html`<li
      class="problem ${problem.severity}"
      aria-current=${session.selected === problem.id ? 'true' : nothing}
    >
      <span class="sign" role="img" aria-label=${WORD[problem.severity]}>${SIGN[problem.severity]}</span>
      <div class="head">
        <span class="message">${codeText(problem.message)}</span>
      </div>
      <div class="body">
        ${problem.help && (this.readonly || !saysFix(problem, problem.help)) ? html`<p>${codeText(problem.help)}</p>` : nothing}
        ${
          problem.kuma && !problem.message.includes(problem.kuma.reason)
            ? html`<p class="kuma small">
                Kuma says:
                ${problem.kuma.field ? html`<code>${problem.kuma.field}</code>: ` : nothing}${problem.kuma.reason}
              </p>`
            : nothing
        }
        ${problem.related.map(
          (each) => html`<p class="small">${codeText(each.message)}${related(session, each.place)}</p>`,
        )}
        ${
          this.readonly || problem.fixes.length === 0
            ? nothing
            : html`<p class="fixes">${problem.fixes.map((fix) => fixButton(session, fix))}</p>`
        }
        <p class="small dim">
          ${explainedCode(session, problem.code)}
          ${
            place
              ? html` ·
                  <button
                    class="link"
                    type="button"
                    @click=${() => {
                      session.select(problem.id, 'answer');
                      session.reveal(place);
                    }}
                  >
                    ${file}, line ${place.line}
                  </button>`
              : nothing
          }
          ${problem.rule && session.explain ? html` · ${explainedRule(session, problem.rule)}` : nothing}
        </p>
      </div>
    </li>`;
  }

  protected override updated(): void {
    const { session } = this;
    if (!session || !this.#arrivals.arrives(session)) return;
    this.renderRoot.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }
}

/** True if the words of a help are those of a fix: the button says it already. */
function saysFix(problem: Problem, help: string): boolean {
  return problem.fixes.some((fix) => fix.title.toLowerCase() === help.toLowerCase());
}

function fixButton(session: Session, fix: Fix): TemplateResult {
  return html`<button class="button" type="button" @click=${() => session.repair(fix)}>${codeText(fix.title)}</button>`;
}

function related(session: Session, place: Place | undefined): TemplateResult | typeof nothing {
  if (!place) return nothing;
  return html`, <button class="link" type="button" @click=${() => session.reveal(place)}>line ${place.line}</button>`;
}

customElements.define('ms-problems', MsProblems);
