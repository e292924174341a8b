/** The example worlds of `/gallery` as the builds put them into the page. */
import { readdirSync, readFileSync } from 'node:fs';

/** All of them, with their texts. */
export function worlds(): unknown[] {
  const folder = new URL('../gallery/', import.meta.url);
  return readdirSync(folder).map((world) => {
    const read = (name: string): string => readFileSync(new URL(`${world}/${name}`, folder), 'utf8');
    const { title, lesson, view, files } = JSON.parse(read('about.json'));
    return {
      id: world,
      title,
      lesson,
      view,
      files: files.map((file: { name: string }) => ({ ...file, text: read(file.name) })),
    };
  });
}
