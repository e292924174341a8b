/** Problems for machines: SARIF, and the commands that GitHub Actions reads from a log. */
import type { DiagnosticReport, LocationReport } from '../node.js';
import { where } from './frame.js';
import type { Input } from './files.js';
import { version } from './version.js';

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const;

/** Everything that is known of a problem, as one text. */
export function fullText({ message, help, kuma }: DiagnosticReport): string {
  const said = kuma && `Kuma: ${kuma.field ? `${kuma.field}: ` : ''}${kuma.reason}`;
  return [message, said, help && `help: ${help}`].filter(Boolean).join('\n');
}

/** SARIF 2.1.0. */
export function sarif(diagnostics: readonly DiagnosticReport[], inputs: readonly Input[]): unknown {
  const codes = [...new Set(diagnostics.map((each) => each.code))].sort();
  const place = (location: LocationReport): unknown => ({
    artifactLocation: { uri: encodeURI(inputs[location.source]?.name ?? '') },
    region: {
      startLine: location.start.line,
      startColumn: location.start.column,
      endLine: location.end.line,
      endColumn: location.end.column,
    },
  });
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'meshscope',
            semanticVersion: version(),
            rules: codes.map((id) => ({ id })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((each) => ({
          ruleId: each.code,
          ruleIndex: codes.indexOf(each.code),
          level: LEVELS[each.severity],
          message: { text: fullText(each) },
          locations: each.location ? [{ physicalLocation: place(each.location) }] : [],
          relatedLocations: each.related.flatMap(({ message, location }, id) =>
            location ? [{ id, message: { text: message }, physicalLocation: place(location) }] : [],
          ),
        })),
      },
    ],
  };
}

/** One line that GitHub Actions shows beside the code. */
export function annotation(
  level: 'error' | 'warning' | 'notice',
  title: string,
  text: string,
  inputs: readonly Input[],
  location: LocationReport | undefined,
): string {
  const value = (part: string): string => part.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = (part: string | number): string => value(String(part)).replaceAll(':', '%3A').replaceAll(',', '%2C');
  const at: readonly (readonly [string, string | number])[] = location
    ? [
        ['file', where(inputs, location).replace(/:\d+:\d+$/, '')],
        ['line', location.start.line],
        ['endLine', location.end.line],
        ['col', location.start.column],
        ['endColumn', location.end.column],
      ]
    : [];
  const properties = [...at, ['title', title] as const].map(([key, part]) => `${key}=${property(part)}`).join(',');
  return `::${level} ${properties}::${value(text)}\n`;
}

/** Problems as GitHub Actions reads them. */
export function github(diagnostics: readonly DiagnosticReport[], inputs: readonly Input[]): string {
  return diagnostics
    .map((each) =>
      annotation(each.severity === 'info' ? 'notice' : each.severity, each.code, fullText(each), inputs, each.location),
    )
    .join('');
}
