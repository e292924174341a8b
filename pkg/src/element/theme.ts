/**
 * The look of every part, in one place: one type scale, system fonts, one accent, quiet borders. Light, dark or what the
 * system says, by `color-scheme`. All of it is custom properties, so that a page that embeds the element can change it.
 */
import { css } from 'lit';

export const tokens = css`
  :host {
    --ms-font: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
    --ms-mono: ui-monospace, SFMono-Regular, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace;
    --ms-size-s: 11.5px;
    --ms-size: 13px;
    --ms-size-l: 15px;
    --ms-bg: light-dark(#ffffff, #15171c);
    --ms-bg-2: light-dark(#f6f7f9, #1b1e25);
    --ms-bg-3: light-dark(#eceef2, #252a33);
    --ms-fg: light-dark(#1c2024, #e4e7ec);
    --ms-fg-2: light-dark(#565d68, #a3abb8);
    --ms-line: light-dark(#e1e4ea, #2b303a);
    --ms-line-2: light-dark(#c9ced8, #3b424f);
    --ms-accent: light-dark(#3b4cca, #9aa7ff);
    --ms-accent-bg: light-dark(#eef0fe, #262c4a);
    --ms-on-accent: light-dark(#ffffff, #10131c);
    --ms-good: light-dark(#1a7044, #5fcf95);
    --ms-warn: light-dark(#8a5a00, #e5b454);
    --ms-warn-bg: light-dark(#fdf5e3, #33290f);
    --ms-bad: light-dark(#b3261e, #ff8f86);
    --ms-bad-bg: light-dark(#fdeeed, #3a1d1c);
    --ms-zone-0: light-dark(#1f6fb2, #6bb5f0);
    --ms-zone-1: light-dark(#a34d00, #f0a15c);
    --ms-zone-2: light-dark(#1b7a4b, #62cf98);
    --ms-zone-3: light-dark(#8a3ea8, #d193ea);
    --ms-zone-4: light-dark(#b02a5b, #f58bb0);
    --ms-zone-5: light-dark(#5a6b00, #bccb4e);
    --ms-zone-6: light-dark(#00727a, #54cbd4);
    --ms-zone-7: light-dark(#6b5548, #c9ae9d);
    --ms-radius: 6px;
    --ms-shadow: 0 8px 28px light-dark(rgb(20 24 40 / 0.16), rgb(0 0 0 / 0.5));
  }
`;

/** What every part shares: resets, focus, buttons, names, zone marks. */
export const base = css`
  :host {
    box-sizing: border-box;
    font: var(--ms-size) / 1.45 var(--ms-font);
    color: var(--ms-fg);
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  :focus-visible {
    outline: 2px solid var(--ms-accent);
    outline-offset: 1px;
    border-radius: 4px;
  }
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  pre {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h2 {
    font-size: var(--ms-size-l);
    font-weight: 600;
  }
  h3 {
    font-size: var(--ms-size);
    font-weight: 600;
  }
  code,
  .mono {
    font-family: var(--ms-mono);
    font-size: 0.94em;
    overflow-wrap: anywhere;
  }
  code,
  .mono,
  .zone,
  .link {
    unicode-bidi: isolate;
  }
  .hidden-char {
    display: inline-block;
    margin: 0 1px;
    padding: 0 3px;
    border-radius: 3px;
    background: var(--ms-warn-bg);
    color: var(--ms-warn);
    font: 600 10.5px/1.5 var(--ms-mono);
    unicode-bidi: isolate;
  }
  .dim {
    color: var(--ms-fg-2);
  }
  .small {
    font-size: var(--ms-size-s);
  }
  button,
  select,
  input,
  textarea {
    font: inherit;
    color: inherit;
  }
  button {
    cursor: pointer;
  }
  .button,
  select,
  input[type='text'],
  input[type='search'] {
    height: 28px;
    padding: 0 9px;
    border: 1px solid var(--ms-line-2);
    border-radius: var(--ms-radius);
    background: var(--ms-bg);
  }
  .button {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    white-space: nowrap;
  }
  .button:hover:not(:disabled),
  select:hover {
    background: var(--ms-bg-2);
  }
  .button.primary {
    border-color: var(--ms-accent);
    background: var(--ms-accent);
    color: var(--ms-on-accent);
  }
  .button.primary:hover:not(:disabled) {
    border-color: var(--ms-fg);
    background: var(--ms-accent);
  }
  .button:disabled {
    color: var(--ms-fg-2);
    cursor: default;
  }
  .link {
    padding: 0;
    border: 0;
    background: none;
    color: var(--ms-accent);
    text-align: start;
    text-decoration: underline;
    text-decoration-color: color-mix(in srgb, currentColor 35%, transparent);
    text-underline-offset: 2px;
  }
  .link:hover {
    text-decoration-color: currentColor;
  }
  .rule-link {
    color: var(--ms-fg-2);
  }
  .zone {
    display: inline-flex;
    align-items: center;
    gap: 5px;
    white-space: nowrap;
  }
  .zone::before {
    content: '';
    flex: none;
    width: 8px;
    height: 8px;
    border-radius: 2px;
    background: var(--zone-color, var(--ms-fg-2));
  }
  .zone-0 {
    --zone-color: var(--ms-zone-0);
  }
  .zone-1 {
    --zone-color: var(--ms-zone-1);
  }
  .zone-2 {
    --zone-color: var(--ms-zone-2);
  }
  .zone-3 {
    --zone-color: var(--ms-zone-3);
  }
  .zone-4 {
    --zone-color: var(--ms-zone-4);
  }
  .zone-5 {
    --zone-color: var(--ms-zone-5);
  }
  .zone-6 {
    --zone-color: var(--ms-zone-6);
  }
  .zone-7 {
    --zone-color: var(--ms-zone-7);
  }
  .tag {
    display: inline-block;
    padding: 0 6px;
    border: 1px solid var(--ms-line-2);
    border-radius: 10px;
    color: var(--ms-fg-2);
    font-size: var(--ms-size-s);
    line-height: 17px;
    white-space: nowrap;
  }
  .tag.bad {
    border-color: color-mix(in srgb, var(--ms-bad) 45%, transparent);
    color: var(--ms-bad);
  }
  .tag.warn {
    border-color: color-mix(in srgb, var(--ms-warn) 45%, transparent);
    color: var(--ms-warn);
  }
  .tag.good {
    border-color: color-mix(in srgb, var(--ms-good) 45%, transparent);
    color: var(--ms-good);
  }
  .empty {
    display: grid;
    gap: 6px;
    justify-items: center;
    max-width: 46ch;
    margin: 0 auto;
    padding: 56px 20px;
    color: var(--ms-fg-2);
    text-align: center;
  }
  .empty h2 {
    color: var(--ms-fg);
  }
  .window {
    padding: 10px 14px;
    text-align: center;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      transition: none !important;
      animation: none !important;
      scroll-behavior: auto !important;
    }
  }
`;

/** Tables of details inside a view: quiet heads, one line between rows. */
export const table = css`
  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 12.5px;
  }
  th,
  td {
    padding: 3px 10px 3px 0;
    text-align: start;
    vertical-align: top;
  }
  th {
    color: var(--ms-fg-2);
    font-size: var(--ms-size-s);
    font-weight: 500;
  }
  td,
  th[scope='row'] {
    border-top: 1px solid var(--ms-line);
  }
`;
