/** Makes pages of the playground out of `docs`: what every code means, and the book of rules. */
import { readdirSync, readFileSync } from 'node:fs';
import { toLink, type LinkFile } from 'meshscope/link';

/** A page, by its address inside the playground. */
export interface Page {
  readonly path: string;
  readonly title: string;
  /** What stands in its body. */
  readonly html: string;
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The address of a Markdown file's page. */
const address = (to: string): string => to.replace(/README\.md(?=#|$)/, 'index.html').replace(/\.md(?=#|$)/, '.html');

/** Inline Markdown: code, links, strong text. Nothing is replaced inside of code. */
function inline(text: string): string {
  const codes: string[] = [];
  return escape(text)
    .replace(/`([^`]+)`/g, (_all, code: string) => `\0${codes.push(code) - 1}\0`)
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (_all, words: string, to: string) => `<a href="${address(to)}">${words}</a>`)
    .replace(/\0(\d+)\0/g, (_all, at: string) => `<code>${codes[Number(at)] ?? ''}</code>`);
}

/** The anchor of a heading, as GitHub makes it; codes stay as they are. */
function anchor(title: string): string {
  if (/^MS\d{4}$/.test(title)) return title;
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function list(lines: readonly string[]): string {
  const items: string[] = [];
  for (const line of lines) {
    const item = /^(?:-|\d+\.) (.*)$/.exec(line);
    if (item) items.push(item[1] ?? '');
    else items.push(`${items.pop() ?? ''} ${line.trim()}`);
  }
  const tag = /^\d/.test(lines[0] ?? '') ? 'ol' : 'ul';
  return `<${tag}>\n${items.map((item) => `<li>${inline(item)}</li>`).join('\n')}\n</${tag}>`;
}

function paragraph(lines: readonly string[]): string {
  const heading = /^(#{1,3}) (.+)$/.exec(lines[0] ?? '');
  if (heading) {
    const [, marks = '#', title = ''] = heading;
    return `<h${marks.length} id="${anchor(title)}">${inline(title)}</h${marks.length}>`;
  }
  return /^(-|\d+\.) /.test(lines[0] ?? '') ? list(lines) : `<p>${inline(lines.join(' '))}</p>`;
}

/** Where a world of the book opens in the playground; empty if its fence says what no link can say. */
async function tryIt(world: readonly { readonly info: string; readonly text: string }[]): Promise<string> {
  const files = world.map(({ info, text }, at): LinkFile | undefined => {
    const options = info.split(/\s+/).slice(1);
    if (options.some((option) => !option.startsWith('zone='))) return undefined;
    const zone = options[0]?.slice('zone='.length) ?? '';
    return {
      name: zone ? `${zone}.yaml` : at === 0 ? 'world.yaml' : `world-${at + 1}.yaml`,
      text,
      zone,
      environment: '',
    };
  });
  const all = files.filter((file) => file !== undefined);
  return all.length === files.length ? toLink({ files: all }) : '';
}

/** Markdown as HTML; `home` leads to the playground. */
async function render(markdown: string, home: string): Promise<string> {
  const out: string[] = [];
  const lines = markdown.split('\n');
  let open: string[] = [];
  let world: { info: string; text: string }[] = [];
  const close = (): void => {
    if (open.length > 0) out.push(paragraph(open));
    open = [];
  };
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const fence = /^```(.*)$/.exec(line);
    if (!fence) {
      if (line.trim() === '') close();
      else open.push(line);
      continue;
    }
    close();
    const end = lines.indexOf('```', at + 1);
    const info = fence[1] ?? '';
    const text = `${lines.slice(at + 1, end).join('\n')}\n`;
    at = end;
    const [kind = '', ...options] = info.split(/\s+/);
    const caption = kind === 'answer' ? `Answer: ${options.join(', ')}` : options.join(', ').replaceAll('=', ' ');
    if (kind === 'yaml') world.push({ info, text });
    const next = lines.slice(at + 1).find((each) => each.trim() !== '');
    const link = kind === 'yaml' && !next?.startsWith('```yaml') ? await tryIt(world) : '';
    if (!next?.startsWith('```yaml')) world = [];
    const told = [
      caption && `<span>${escape(caption.replaceAll('=', ' '))}</span>`,
      link && `<a href="${home}#${link}">open in the playground</a>`,
    ].filter(Boolean);
    out.push(
      `<figure${kind === 'answer' ? ' class="answer"' : ''}>${told.length ? `<figcaption>${told.join(' ')}</figcaption>` : ''}<pre tabindex="0"><code>${escape(text)}</code></pre></figure>`,
    );
  }
  close();
  return out.join('\n');
}

/** All pages. */
export async function book(): Promise<Page[]> {
  const docs = new URL('../docs/', import.meta.url);
  const names = readdirSync(new URL('rules/', docs)).filter((name) => name.endsWith('.md'));
  const read = async (path: string): Promise<Page> => {
    // How the book is made is for those who have the repository.
    const markdown = readFileSync(new URL(path, docs), 'utf8').replace(/\n## The answers are tests[\s\S]*$/, '');
    const title = /^# (.+)$/m.exec(markdown)?.[1] ?? path;
    return { path: address(path), title, html: await render(markdown, path.includes('/') ? '../' : './') };
  };
  return Promise.all(['diagnostics.md', ...names.map((name) => `rules/${name}`)].map(read));
}

/** A whole page. */
export function document({ path, title, html }: Page): string {
  const home = path.includes('/') ? '../' : './';
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self'" />
    <meta name="color-scheme" content="light dark" />
    <title>${escape(title)} · meshscope</title>
    <link rel="icon" href="${home}favicon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="${home}docs.css" />
  </head>
  <body>
    <header>
      <nav aria-label="meshscope">
        <a href="${home}">meshscope</a> <a href="${home}rules/index.html">Rules</a> <a href="${home}diagnostics.html">Diagnostics</a>
      </nav>
    </header>
    <main>
${html}
    </main>
  </body>
</html>
`;
}
