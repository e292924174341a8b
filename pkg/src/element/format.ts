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

/** Headers as they are typed: `name: value; name: value`. */
export function headersText(headers: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(headers ?? {})
    .map(([name, value]) => `${name}: ${value}`)
    .join('; ');
}

/** The headers of such a text; undefined if it is something else. */
export function readHeaders(text: string): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const part of text.split(';').map((each) => each.trim())) {
    if (part === '') continue;
    const match = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*:\s*(.*)$/.exec(part);
    if (!match?.[1]) return undefined;
    headers[match[1].toLowerCase()] = match[2] ?? '';
  }
  return headers;
}
