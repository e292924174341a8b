/** The example worlds of `/gallery`, as the build collects them. */
import type { LinkFile } from 'meshscope/link';
import url from 'virtual:gallery';

/** One world. */
export interface Example {
  readonly id: string;
  readonly title: string;
  readonly lesson: string;
  readonly view?: string;
  readonly files: readonly (Pick<LinkFile, 'name' | 'text'> & Partial<LinkFile>)[];
}

let loading: Promise<readonly Example[]> | undefined;

/** All of them; the documentation's example first. */
export function examples(): Promise<readonly Example[]> {
  loading ??= fetch(url)
    .then((response) => response.json() as Promise<Example[]>)
    .then((worlds) =>
      worlds.sort((a, b) => Number(b.id === 'seed') - Number(a.id === 'seed') || a.title.localeCompare(b.title, 'en')),
    );
  return loading;
}

/** The files of one, as they are opened. */
export function filesOf(example: Example): LinkFile[] {
  return example.files.map(({ name, text, zone, environment }) => ({
    name,
    text,
    zone: zone ?? '',
    environment: environment ?? '',
  }));
}
