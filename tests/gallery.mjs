// The gallery worlds as tests read them.
import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../gallery/', import.meta.url);

/**
 * @typedef {{ name: string, zone?: string, environment?: 'universal' | 'kubernetes' }} About_File
 * @typedef {{ rule?: string, zone?: string, mode?: 'Disabled' | 'Everywhere' | 'ReachableBackends' | 'Exclusive', hits?: string[],
 *   nothing?: string, outcome?: string, service?: string, hostnames?: string[], trouble?: string, selected?: string[],
 *   members?: string[], conflict?: string, problem?: string,
 *   request?: import('meshscope').RequestInput, lands?: string[], proxy?: string, outbound?: string, policy?: string,
 *   fields?: Record<string, string> }} Expectation
 * @typedef {{ id: string, title: string, lesson: string, files: About_File[], expect: Expectation[],
 *   sources: import('meshscope').Source[] }} World
 */

/** @returns {World[]} */
export function worlds() {
  return readdirSync(folder).map((id) => {
    /** @type {Omit<World, 'id' | 'sources'>} */
    const about = JSON.parse(readFileSync(new URL(`${id}/about.json`, folder), 'utf8'));
    const sources = about.files.map(({ name, ...rest }) => ({
      name,
      text: readFileSync(new URL(`${id}/${name}`, folder), 'utf8'),
      ...rest,
    }));
    return { id, ...about, sources };
  });
}
