// The types as a strict consumer sees them.
import { createWorld, evaluate, init, initSync, type Evaluation, type ReferenceReport, type Source } from 'meshscope';
import { Client } from 'meshscope/client';
import { MeshScope, useWorker } from 'meshscope/element';
import { embedSnippets } from 'meshscope/embed';
import { fromLink, toLink } from 'meshscope/link';

const sources: Source[] = [{ name: 'a.yaml', text: '', zone: 'west', environment: 'universal' }];
const evaluation: Evaluation = evaluate(sources, { mode: 'Exclusive', federated: true });
const rules: readonly ReferenceReport[] = evaluation.rules;
for (const { outcome } of rules.flatMap((rule) => rule.answers)) {
  switch (outcome) {
    case 'hits':
    case 'mesh':
    case 'legacy':
    case 'nothing':
    case 'notEvaluated':
      break;
    default:
      outcome satisfies never;
  }
}

const world = createWorld(sources);
const share: number | undefined = world.request({ zone: 'west', mesh: 'default', proxy: 'a', to: 'b' }).backends[0]
  ?.share;
const percent: number = world.checks().coverage.percent;
// @ts-expect-error a source needs its text
world.setSource({ name: 'a.yaml' });
// @ts-expect-error there is no such mode
evaluate(sources, { mode: 'exclusive' });

const scope: MeshScope = document.createElement('mesh-scope');
scope.sources = sources;
scope.addEventListener('mesh-scope-result', ({ detail }) => detail.kumaVersion.length);
useWorker(() => new Worker('worker.js', { type: 'module' }));

export const rest = [share, percent, init, initSync, Client, embedSnippets, fromLink, toLink];
