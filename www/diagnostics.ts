/** Makes the page that explains every code out of `docs/diagnostics.md`. */

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Inline Markdown: code and strong text. Links lead to pages that are not part of the playground, so their text stays. */
function inline(text: string): string {
  return escape(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1');
}

function block(text: string): string {
  const heading = /^(#{1,3}) (.+)$/.exec(text);
  if (!heading) return `<p>${inline(text.replaceAll('\n', ' '))}</p>`;
  const [, marks = '#', title = ''] = heading;
  const level = marks.length;
  return `<h${level}${/^MS\d{4}$/.test(title) ? ` id="${title}"` : ''}>${inline(title)}</h${level}>`;
}

/** The whole page. */
export function diagnosticsPage(markdown: string): string {
  const body = markdown
    .split(/\n{2,}/)
    .map((each) => each.trim())
    .filter((each) => each !== '' && !each.startsWith('The rule:'))
    .map(block)
    .join('\n');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self'" />
    <meta name="color-scheme" content="light dark" />
    <title>meshscope: diagnostics</title>
    <link rel="icon" href="./favicon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="./docs.css" />
  </head>
  <body>
    <header><a href="./">meshscope</a></header>
    <main>
${body}
    </main>
  </body>
</html>
`;
}
