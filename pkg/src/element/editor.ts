/**
 * The YAML editor: CodeMirror in a shadow root (where its styles are adopted sheets, so no inline style needs a policy
 * exception). It knows text, marks and offsets; what they mean comes from outside.
 */
import { autocompletion, type CompletionSource } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  foldService,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic as Mark } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, StateEffect, StateField, type Extension } from '@codemirror/state';
import {
  Decoration,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  hoverTooltip,
  keymap,
  lineNumbers,
  tooltips,
  WidgetType,
  type DecorationSet,
  type TooltipView,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { css, LitElement, type PropertyValues } from 'lit';
import { base, tokens } from './theme.js';
import { codePoint, HIDDEN_IN_TEXT } from './visible.js';

/** A note behind the end of a line: where the reference on it lands. */
export interface Inlay {
  /** UTF-16 offset; the note stands at the end of this offset's line. */
  readonly at: number;
  readonly text: string;
  readonly tone: 'good' | 'bad' | 'quiet';
}

/** What a part of the page wants to know of, or say to, the editor. */
export interface EditorHooks {
  readonly changed: (file: number, text: string) => void;
  readonly caret: (file: number, offset: number) => void;
  readonly hover: (file: number, offset: number) => { from: number; to: number; node: HTMLElement } | undefined;
  readonly complete: CompletionSource;
}

class InlayWidget extends WidgetType {
  constructor(readonly inlay: Inlay) {
    super();
  }
  override eq(other: InlayWidget): boolean {
    return other.inlay.text === this.inlay.text && other.inlay.tone === this.inlay.tone;
  }
  override toDOM(): HTMLElement {
    const note = document.createElement('span');
    note.className = `ms-inlay ms-inlay-${this.inlay.tone}`;
    note.textContent = this.inlay.text;
    return note;
  }
}

/** A badge in place of a character that nobody sees; the text stays as it is. */
function hiddenChar(code: number): HTMLElement {
  const badge = document.createElement('span');
  badge.className = 'ms-hidden';
  badge.textContent = codePoint(code);
  badge.title = 'a character that one does not see';
  return badge;
}

const setInlays = StateEffect.define<readonly Inlay[]>();
const inlayField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(notes, transaction) {
    let next = notes.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setInlays)) continue;
      const { doc } = transaction.state;
      next = Decoration.set(
        effect.value
          .filter((inlay) => inlay.at <= doc.length)
          .map((inlay) =>
            Decoration.widget({ widget: new InlayWidget(inlay), side: 1 }).range(doc.lineAt(inlay.at).to),
          ),
        true,
      );
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const setFocusRange = StateEffect.define<{ from: number; to: number } | undefined>();
const focusMark = Decoration.mark({ class: 'ms-focus' });
const focusField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(mark, transaction) {
    let next = mark.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setFocusRange)) continue;
      const range = effect.value;
      next =
        range && range.from < range.to && range.to <= transaction.state.doc.length
          ? Decoration.set([focusMark.range(range.from, range.to)])
          : Decoration.none;
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** A document folds as a whole, from its first line of content to the next separator. */
const foldDocuments = foldService.of((state, from) => {
  const first = state.doc.lineAt(from);
  if (!/^(type|apiVersion|kind):/.test(first.text)) return null;
  if (first.number > 1) {
    for (let n = first.number - 1; n >= 1; n--) {
      const { text } = state.doc.line(n);
      if (/^---/.test(text)) break;
      if (text.trim() !== '' && !text.startsWith('#')) return null;
    }
  }
  let last = first;
  for (let n = first.number + 1; n <= state.doc.lines; n++) {
    const line = state.doc.line(n);
    if (/^---/.test(line.text)) break;
    if (line.text.trim() !== '' && !line.text.startsWith('#')) last = line;
  }
  return last.number > first.number ? { from: first.to, to: last.to } : null;
});

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--ms-code-key)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ms-code-string)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword, tags.atom], color: 'var(--ms-code-atom)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--ms-code-comment)' },
  { tag: [tags.meta, tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: 'var(--ms-fg-2)' },
  { tag: [tags.labelName, tags.typeName], color: 'var(--ms-code-atom)' },
]);

const look = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--ms-bg)', color: 'var(--ms-fg)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--ms-mono)', fontSize: '12.5px', lineHeight: '1.55', overflow: 'auto' },
  '.cm-content': { padding: '8px 0 40vh', caretColor: 'var(--ms-fg)' },
  '.cm-line': { padding: '0 12px 0 6px' },
  '.cm-gutters': { backgroundColor: 'var(--ms-bg)', color: 'var(--ms-code-gutter)', border: '0' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '34px', padding: '0 2px 0 8px' },
  '.cm-activeLine': { backgroundColor: 'light-dark(rgb(30 40 90 / 0.035), rgb(200 210 255 / 0.045))' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--ms-fg)' },
  '.cm-cursor': { borderLeftColor: 'var(--ms-fg)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'light-dark(#cfd8ff, #37406b)',
  },
  '.cm-selectionMatch': { backgroundColor: 'light-dark(#e7ebff, #2b3358)' },
  '.cm-foldGutter .cm-gutterElement': { color: 'var(--ms-fg-2)', padding: '0 4px', cursor: 'pointer' },
  '.cm-foldPlaceholder': {
    margin: '0 4px',
    padding: '0 6px',
    border: '1px solid var(--ms-line-2)',
    backgroundColor: 'var(--ms-bg-2)',
    color: 'var(--ms-fg-2)',
  },
  '.cm-gutter-lint': { width: '14px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0 2px' },
  '.cm-lint-marker': { width: '8px', height: '8px', marginTop: '6px', borderRadius: '50%', content: 'none' },
  '.cm-lint-marker-error': { backgroundColor: 'var(--ms-bad)', content: '""' },
  '.cm-lint-marker-warning': { backgroundColor: 'var(--ms-warn)', borderRadius: '2px', content: '""' },
  '.cm-lint-marker-info': { backgroundColor: 'var(--ms-accent)', content: '""' },
  '.cm-lintRange': { backgroundImage: 'none', paddingBottom: '0' },
  '.cm-lintRange-error': { textDecoration: 'underline wavy var(--ms-bad) 1px', textUnderlineOffset: '3px' },
  '.cm-lintRange-warning': { textDecoration: 'underline wavy var(--ms-warn) 1px', textUnderlineOffset: '3px' },
  '.cm-lintRange-info': { textDecoration: 'underline dotted var(--ms-accent) 1px', textUnderlineOffset: '3px' },
  '.ms-hidden': {
    margin: '0 1px',
    padding: '0 3px',
    borderRadius: '3px',
    backgroundColor: 'var(--ms-warn-bg)',
    color: 'var(--ms-warn)',
    font: '600 10.5px/1.4 var(--ms-mono)',
  },
  '.cm-tooltip': {
    maxWidth: 'min(520px, 92vw)',
    border: '1px solid var(--ms-line-2)',
    borderRadius: 'var(--ms-radius)',
    backgroundColor: 'var(--ms-bg)',
    color: 'var(--ms-fg)',
    boxShadow: 'var(--ms-shadow)',
    fontFamily: 'var(--ms-font)',
    fontSize: 'var(--ms-size)',
    overflow: 'hidden',
  },
  '.cm-tooltip-section:not(:first-child)': { borderTop: '1px solid var(--ms-line)' },
  '.cm-diagnostic': { padding: '8px 12px', borderLeft: '3px solid transparent', whiteSpace: 'pre-wrap' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--ms-bad)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--ms-warn)' },
  '.cm-diagnostic-info': { borderLeftColor: 'var(--ms-accent)' },
  '.cm-diagnosticSource': { color: 'var(--ms-fg-2)', fontFamily: 'var(--ms-mono)', opacity: '1' },
  '.cm-diagnosticAction': {
    margin: '6px 0 0 8px',
    padding: '2px 8px',
    border: '1px solid var(--ms-line-2)',
    borderRadius: '4px',
    backgroundColor: 'var(--ms-bg)',
    color: 'var(--ms-fg)',
    font: 'inherit',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--ms-mono)', fontSize: '12.5px', maxHeight: '16em' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--ms-accent-bg)', color: 'var(--ms-fg)' },
  '.cm-completionDetail': { color: 'var(--ms-fg-2)', fontStyle: 'normal', marginLeft: '1em' },
  '.cm-completionIcon': { display: 'none' },
  '.cm-completionInfo': { padding: '8px 10px', lineHeight: '1.4' },
  '.cm-panels': { backgroundColor: 'var(--ms-bg-2)', color: 'var(--ms-fg)', borderColor: 'var(--ms-line)' },
  '.cm-panels.cm-panels-bottom': { borderTop: '1px solid var(--ms-line)' },
  '.cm-panel input, .cm-panel button': { font: 'inherit' },
  '.cm-textfield': { backgroundColor: 'var(--ms-bg)', border: '1px solid var(--ms-line-2)' },
  '.cm-button': { backgroundImage: 'none', backgroundColor: 'var(--ms-bg)', border: '1px solid var(--ms-line-2)' },
  '.cm-searchMatch': { backgroundColor: 'light-dark(#fff0b3, #574a14)' },
  '.cm-searchMatch-selected': { backgroundColor: 'light-dark(#ffd766, #857019)' },
  '.ms-inlay': {
    marginLeft: '1.6em',
    padding: '0 6px',
    borderRadius: '4px',
    backgroundColor: 'var(--ms-bg-2)',
    color: 'var(--ms-fg-2)',
    fontSize: '11.5px',
    whiteSpace: 'pre',
    userSelect: 'none',
  },
  '.ms-inlay-good': { color: 'var(--ms-good)' },
  '.ms-inlay-bad': { color: 'var(--ms-bad)', backgroundColor: 'var(--ms-bad-bg)' },
  '.ms-hover': { display: 'grid', gap: '2px', padding: '8px 12px' },
  '.ms-hover code': { fontFamily: 'var(--ms-mono)', fontSize: '0.94em' },
  '.ms-hover-asks': { color: 'var(--ms-fg-2)' },
  '.ms-hover-hit': { color: 'var(--ms-good)', fontWeight: '500' },
  '.ms-hover-nothing': { color: 'var(--ms-bad)' },
  '.ms-hover-unknown': { color: 'var(--ms-warn)' },
  '.ms-hover-no': { color: 'var(--ms-fg-2)', fontSize: '12px' },
  '.ms-focus': { backgroundColor: 'var(--ms-accent-bg)', borderRadius: '3px' },
});

/** `<ms-editor>`: one view, one state a file, so that undo, folds and caret stay with their file. */
export class MsEditor extends LitElement {
  static override styles = [
    tokens,
    base,
    css`
      :host {
        --ms-code-key: light-dark(#2540a8, #9db4ff);
        --ms-code-string: light-dark(#22662f, #a5d6a0);
        --ms-code-atom: light-dark(#9a3c00, #f0b07a);
        --ms-code-comment: light-dark(#646b77, #939cab);
        --ms-code-gutter: light-dark(#666d79, #8b94a3);
        display: block;
        min-height: 0;
        background: var(--ms-bg);
      }
      .cm-editor {
        height: 100%;
      }
    `,
  ];
  static override properties = { readonly: { type: Boolean } };

  declare readonly: boolean;
  hooks: EditorHooks | undefined;

  #view: EditorView | undefined;
  #states = new Map<number, EditorState>();
  #file = -1;
  /** What the shown file has, as the session knows it. */
  #text: string | undefined;
  #editable = new Compartment();
  #quiet = false;

  /** The height of the whole text, in CSS pixels. */
  contentHeight(): number {
    return this.#view?.contentHeight ?? 0;
  }

  constructor() {
    super();
    this.readonly = false;
  }

  #extensions(file: number): Extension {
    return [
      lineNumbers(),
      foldGutter({ openText: '▾', closedText: '▸' }),
      lintGutter({ hoverTime: 200 }),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      history(),
      highlightSpecialChars({ addSpecialChars: HIDDEN_IN_TEXT, render: hiddenChar }),
      drawSelection(),
      dropCursor(),
      indentOnInput(),
      indentUnit.of('  '),
      bracketMatching(),
      highlightSelectionMatches({ minSelectionLength: 3 }),
      search({ top: false }),
      yaml(),
      foldDocuments,
      syntaxHighlighting(colours),
      autocompletion({
        override: [(context) => this.hooks?.complete(context) ?? null],
        icons: false,
      }),
      keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...foldKeymap, ...lintKeymap, indentWithTab]),
      tooltips({ position: 'fixed' }),
      hoverTooltip((_view, pos) => {
        const found = this.hooks?.hover(file, pos);
        if (!found) return null;
        return {
          pos: found.from,
          end: found.to,
          above: true,
          create: (): TooltipView => ({ dom: found.node }),
        };
      }),
      inlayField,
      focusField,
      look,
      EditorState.tabSize.of(2),
      EditorView.contentAttributes.of({
        'aria-label': 'YAML',
        tabindex: '0',
        spellcheck: 'false',
        autocapitalize: 'off',
      }),
      this.#editable.of(EditorState.readOnly.of(this.readonly)),
      EditorView.updateListener.of((update) => {
        if (this.#quiet) return;
        if (update.docChanged) this.hooks?.changed(file, (this.#text = update.state.doc.toString()));
        if (update.selectionSet || update.docChanged) this.hooks?.caret(file, update.state.selection.main.head);
      }),
    ];
  }

  protected override firstUpdated(): void {
    this.#view = new EditorView({ parent: this.renderRoot, root: this.renderRoot as ShadowRoot });
    const state = this.#states.get(this.#file);
    if (state) this.#view.setState(state);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('readonly') || !this.#view) return;
    this.#view.dispatch({ effects: this.#editable.reconfigure(EditorState.readOnly.of(this.readonly)) });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#keep();
  }

  /** Takes the editing state of the shown file back into the store. */
  #keep(): void {
    if (this.#view && this.#file >= 0) this.#states.set(this.#file, this.#view.state);
  }

  /** Shows a file, and replaces its text when it is not what was typed here. */
  show(file: number, text: string): void {
    if (file === this.#file && text === this.#text) return;
    this.#text = text;
    if (file !== this.#file) {
      this.#keep();
      this.#file = file;
      let state = this.#states.get(file);
      if (!state || state.doc.toString() !== text) {
        state = EditorState.create({ doc: text, extensions: this.#extensions(file) });
        this.#states.set(file, state);
      }
      if (this.#view) this.#silently(() => this.#view?.setState(state));
    } else if (!this.#view) {
      this.#states.set(file, EditorState.create({ doc: text, extensions: this.#extensions(file) }));
    } else if (this.#view.state.doc.toString() !== text) {
      const { state } = this.#view;
      this.#silently(() => this.#view?.dispatch({ changes: { from: 0, to: state.doc.length, insert: text } }));
    }
  }

  /** Forgets a file's editing state. */
  forget(file: number): void {
    this.#states.delete(file);
    if (this.#file === file) this.#file = -1;
  }

  #silently(change: () => void): void {
    this.#quiet = true;
    try {
      change();
    } finally {
      this.#quiet = false;
    }
  }

  /** Marks of the shown file: problems, and where its references land. */
  mark(problems: readonly Mark[], inlays: readonly Inlay[]): void {
    const view = this.#view;
    if (!view) return;
    const { length } = view.state.doc;
    const inside = problems.filter((mark) => mark.from <= mark.to && mark.to <= length);
    view.dispatch(setDiagnostics(view.state, inside), { effects: setInlays.of(inlays) });
  }

  /** Lights a range up without moving the caret. */
  highlight(range: { from: number; to: number } | undefined): void {
    this.#view?.dispatch({ effects: setFocusRange.of(range) });
  }

  /** Moves the caret to a range, scrolls it into view and lights it up. */
  reveal(from: number, to: number, focus: boolean): void {
    const view = this.#view;
    if (!view) return;
    const { length } = view.state.doc;
    const anchor = Math.min(from, length);
    this.#silently(() =>
      view.dispatch({
        selection: { anchor },
        effects: [
          EditorView.scrollIntoView(anchor, { y: 'center' }),
          setFocusRange.of({ from: anchor, to: Math.min(to, length) }),
        ],
      }),
    );
    if (focus) view.focus();
  }

  override focus(): void {
    this.#view?.focus();
  }

  /** Replaces a range as if it had been typed, so that undo takes it back. */
  edit(from: number, to: number, insert: string): void {
    this.#view?.dispatch({ changes: { from, to, insert }, scrollIntoView: true });
  }
}

customElements.define('ms-editor', MsEditor);
