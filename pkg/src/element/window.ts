/** A part of a long list: what can be drawn at once, around the selected row, with ways to the rest. */
import { html, nothing, type TemplateResult } from 'lit';

/** Which rows of a list are drawn. */
export class Window {
  #first = 0;
  #last: number;
  #shown = -1;

  constructor(
    private readonly size: number,
    private readonly changed: () => void,
  ) {
    this.#last = size;
  }

  /** The rows that are drawn; the selected one is among them when it was selected just now. */
  rows<T>(all: readonly T[], selected: number): readonly T[] {
    if (selected !== this.#shown) {
      this.#shown = selected;
      if (selected >= 0 && (selected < this.#first || selected >= this.#last)) {
        this.#first = Math.max(0, selected - Math.floor(this.size / 2));
        this.#last = this.#first + this.size;
      }
    }
    if (this.#first >= all.length) [this.#first, this.#last] = [0, this.size];
    return all.slice(this.#first, this.#last);
  }

  /** The way to the rows before, if there are any. */
  before(noun: string): TemplateResult | typeof nothing {
    const next = Math.min(this.#first, this.size);
    return next === 0 ? nothing : this.#button(`Show ${next} more ${noun} above`, () => (this.#first -= next));
  }

  /** The way to the rows behind, if there are any. */
  after(all: number, noun: string): TemplateResult | typeof nothing {
    const rest = all - this.#last;
    if (rest <= 0) return nothing;
    const next = Math.min(rest, this.size);
    return this.#button(`Show ${next === rest ? rest : `${next} of ${rest}`} more ${noun}`, () => (this.#last += next));
  }

  #button(text: string, open: () => void): TemplateResult {
    return html`<p class="window">
      <button
        class="button"
        type="button"
        @click=${(event: Event) => {
          event.stopPropagation();
          open();
          this.changed();
        }}
      >
        ${text}
      </button>
    </p>`;
  }
}
