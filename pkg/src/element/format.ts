/** Values as text. */

/** A share as a percentage, without digits that say nothing. */
export function percent(share: number): string {
  const value = share * 100;
  return `${Number.isInteger(value) ? value : value.toFixed(1).replace(/\.0$/, '')} %`;
}

/** A value of a conf on one line, close to YAML's flow style. */
export function confText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(confText).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, each]) => `${key}: ${confText(each)}`)
      .join(', ')}}`;
  }
  return String(value);
}
