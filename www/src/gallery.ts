/** The example worlds of `/gallery`: each is a folder with an `about.json` and its files. */
import type { LinkFile } from 'meshscope/link';

interface About {
  readonly title: string;
  readonly lesson: string;
  readonly files: readonly { readonly name: string; readonly zone?: string; readonly environment?: 'kubernetes' | 'universal' }[];
  readonly view?: string;
}

/** One world, its files not yet loaded. */
export interface Example extends About {
  readonly id: string;
}

const abouts = import.meta.glob<About>('../../gallery/*/about.json', { eager: true, import: 'default' });
const texts = import.meta.glob<string>('../../gallery/*/*.yaml', { query: '?raw', import: 'default' });

const folder = (path: string): string => path.split('/').at(-2) ?? '';

/** All of them; the documentation's example first. */
export const examples: readonly Example[] = Object.entries(abouts)
  .map(([path, about]) => ({ id: folder(path), ...about }))
  .sort((a, b) => Number(b.id === 'seed') - Number(a.id === 'seed') || a.title.localeCompare(b.title, 'en'));

/** The files of one. */
export async function load(example: Example): Promise<LinkFile[]> {
  return Promise.all(
    example.files.map(async ({ name, zone, environment }) => {
      const text = await texts[`../../gallery/${example.id}/${name}`]?.();
      return { name, text: text ?? '', zone: zone ?? '', environment: environment ?? '' };
    }),
  );
}
