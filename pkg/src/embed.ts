/**
 * Embedding in other pages: what `embed.html` of the playground takes in its fragment, the size message that it sends to the
 * page around it, and the snippets that people copy.
 */
import { toLink, type LinkState } from './link.js';

/** How an embedded world looks; the same as the attributes of `<mesh-scope>`. */
export interface EmbedOptions {
  readonly view?: string;
  /** A reference to select, as `MeshHTTPRoute/name to[0].rules[0].backendRefs[0]`. */
  readonly focus?: string;
  /** A request to try, as `web-1 GET http://orders.mesh/v2`. */
  readonly request?: string;
  readonly mode?: string;
  readonly theme?: string;
  readonly readonly?: boolean;
  /** False for the answer alone. */
  readonly editor?: boolean;
}

/** What a frame says to the page around it. */
export interface SizeMessage {
  readonly type: 'meshscope-size';
  /** The height, in CSS pixels, at which nothing has to scroll. */
  readonly height: number;
}

/** Where a fragment says that the YAML is. */
export interface EmbedSource {
  /** A link of the playground, `1.…`. */
  readonly link?: string;
  /** The id of an example. */
  readonly example?: string;
  /** Addresses, with spaces between them. */
  readonly src?: string;
  /** The origin of the page around the frame, where the browser does not tell. */
  readonly parent?: string;
}

const TEXTS = ['view', 'focus', 'request', 'mode', 'theme', 'link', 'example', 'src', 'parent'] as const;

/** The fragment (without `#`) for these options. */
export function toFragment(options: EmbedOptions & EmbedSource): string {
  const query = new URLSearchParams();
  for (const key of TEXTS) {
    const value = options[key];
    if (value) query.set(key, value);
  }
  if (options.readonly) query.set('readonly', '');
  if (options.editor === false) query.set('editor', 'off');
  return query.toString();
}

/** Reads such a fragment; a bare link of the playground is one as well. */
export function fromFragment(fragment: string): EmbedOptions & EmbedSource {
  if (/^\d+\./.test(fragment)) return { link: fragment };
  const query = new URLSearchParams(fragment);
  const texts = TEXTS.flatMap((key) => {
    const value = query.get(key);
    return value ? [[key, value] as const] : [];
  });
  return {
    ...Object.fromEntries(texts),
    ...(query.has('readonly') ? { readonly: query.get('readonly') !== 'false' } : {}),
    ...(query.get('editor') === 'off' ? { editor: false } : {}),
  };
}

/** The two ways to show a world in another page. */
export interface Snippets {
  /** `<mesh-scope>` with the YAML inside, readable also without script. */
  readonly element: string;
  /** An `<iframe>` of `embed.html`, with the few lines that give it its height. */
  readonly iframe: string;
}

/** Makes both snippets. `page` is the address of the playground, where `mesh-scope.js` and `embed.html` are. */
export async function embedSnippets(state: LinkState, page: string, options: EmbedOptions = {}): Promise<Snippets> {
  const shown: EmbedOptions = {
    ...(state.view ? { view: state.view } : {}),
    ...(state.mode ? { mode: state.mode } : {}),
    ...options,
  };
  const frame = new URL('embed.html', page);
  frame.hash = toFragment({ ...shown, link: await toLink(state) });
  return {
    element: [
      `<link rel="stylesheet" href="${attribute(new URL('mesh-scope.css', page).href)}">`,
      `<script type="module" src="${attribute(new URL('mesh-scope.js', page).href)}"></script>`,
      `<mesh-scope${attributes(shown)}>`,
      ...state.files.map(({ name, text, zone, environment }) =>
        block(text, { name, ...(zone ? { zone } : {}), ...(environment ? { environment } : {}) }),
      ),
      '</mesh-scope>',
      '',
    ].join('\n'),
    iframe: [
      `<iframe src="${attribute(frame.href)}" title="meshscope" loading="lazy" style="width: 100%; height: 30rem; border: 0"></iframe>`,
      '<script>',
      "  addEventListener('message', ({ origin, source, data }) => {",
      `    if (origin !== ${JSON.stringify(frame.origin)} || data?.type !== 'meshscope-size') return;`,
      "    for (const frame of document.querySelectorAll('iframe')) {",
      '      if (frame.contentWindow === source) frame.style.height = `${Number(data.height)}px`;',
      '    }',
      '  });',
      '</script>',
      '',
    ].join('\n'),
  };
}

function attributes({ view, focus, request, mode, theme, readonly, editor }: EmbedOptions): string {
  const texts = Object.entries({ view, focus, request, mode, theme }).flatMap(([key, value]) =>
    value ? [` ${key}="${attribute(value)}"`] : [],
  );
  return [...texts, readonly ? ' readonly' : '', editor === false ? ' editor="off"' : ''].join('');
}

/** YAML in a script block; in an escaped `<pre>` where a script would end before the YAML does. */
function block(text: string, data: Readonly<Record<string, string>>): string {
  const names = Object.entries(data)
    .map(([key, value]) => ` data-${key}="${attribute(value)}"`)
    .join('');
  const yaml = text.trimEnd();
  return /<\/script|<!--/i.test(yaml)
    ? `<pre${names}>\n${yaml.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}\n</pre>`
    : `<script type="application/yaml"${names}>\n${yaml}\n</script>`;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
