/** Between the session of the element and what a link or the tab's memory holds. */
import type { ChoiceReport } from 'meshscope';
import {
  fileText,
  headersText,
  readHeaders,
  toMode,
  VIEWS,
  type Decisions,
  type Probe,
  type Session,
} from 'meshscope/element';
import type { LinkDecisions, LinkRequest, LinkState } from 'meshscope/link';

/** What is worth keeping of a session. */
export function capture(session: Session): LinkState {
  const { zone, proxy, mode } = session.vantage;
  return {
    files: session.files.map((file) => {
      const { name, zone, environment } = file;
      return { name, text: fileText(file), zone, environment };
    }),
    active: session.active,
    view: session.view,
    zone,
    proxy,
    mode,
    ...(session.selected ? { selected: session.selected } : {}),
    ...(isDecided(session.decisions) ? { migration: session.decisions } : {}),
    ...(session.probes.length > 0 ? { requests: session.probes.map(toLinkRequest) } : {}),
  };
}

/** Puts a session into that state. */
export function restore(session: Session, state: LinkState): void {
  session.open(state.files);
  session.activate(state.active ?? 0);
  const view = VIEWS.find((each) => each === state.view);
  if (view) session.show(view);
  session.look({ zone: state.zone ?? '', proxy: state.proxy ?? '', mode: toMode(state.mode) });
  if (state.migration) session.decide(toDecisions(state.migration));
  if (state.selected) session.select(state.selected, 'answer');
  for (const request of [...(state.requests ?? [])].reverse()) {
    const [mesh = '', proxy = ''] = request.from.split('/');
    const { zone, to, method, path } = request;
    session.send({ zone, mesh, proxy, to, method, path, headers: readHeaders(request.headers) ?? {} }, request.expect);
  }
}

function isDecided({ choices, via }: Decisions): boolean {
  return via !== 'Everywhere' || Object.keys(choices).length > 0;
}

/** Anyone can write a link: what is no choice is left out. */
function toDecisions({ via, choices }: LinkDecisions): Decisions {
  const isChoice = (pair: [string, string]): pair is [string, ChoiceReport] =>
    pair[1] === 'meshService' || pair[1] === 'meshMultiZoneService';
  return {
    via: via === 'ReachableBackends' ? via : 'Everywhere',
    choices: Object.fromEntries(Object.entries(choices).filter(isChoice)),
  };
}

function toLinkRequest({ input, expect }: Probe): LinkRequest {
  return {
    from: `${input.mesh}/${input.proxy}`,
    zone: input.zone,
    to: input.to,
    method: input.method ?? '',
    path: input.path ?? '',
    headers: headersText(input.headers),
    ...(expect === undefined ? {} : { expect }),
  };
}
