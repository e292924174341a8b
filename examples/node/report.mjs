// Prints what each reference of some files hits, and exits with 1 when one hits nothing.
import { readFileSync } from 'node:fs';
import { evaluate } from 'meshscope';

const sources = process.argv.slice(2).map((name) => ({ name, text: readFileSync(name, 'utf8') }));
const { rules, kumaVersion } = evaluate(sources);

console.log(`Kuma ${kumaVersion}`);
for (const { kind, name, path, answers } of rules) {
  for (const { zone, outcome, hits, reason } of answers) {
    const found = hits.map((hit) => `${hit.name}:${hit.ports.map((port) => port.port)}`).join(', ');
    console.log(`${kind}/${name} ${path} from ${zone}: ${found || reason || outcome}`);
    if (outcome === 'nothing') process.exitCode = 1;
  }
}
