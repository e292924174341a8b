/** Between the session of the element and what a link or the tab's memory holds. */
import { headersText, readHeaders, toMode, VIEWS, type Probe, type Session } from 'meshscope/element';
import type { LinkRequest, LinkState } from 'meshscope/link';

/** What is worth keeping of a session. */
export function capture(session: Session): LinkState {
  const { zone, proxy, mode } = session.vantage;
  return {
    files: session.files.map(({ name, text, zone, environment }) => ({ name, text, zone, environment })),
    active: session.active,
    view: session.view,
    zone,
    proxy,
    mode,
    ...(session.selected ? { selected: session.selected } : {}),
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
  if (state.selected) session.select(state.selected, 'answer');
  for (const request of [...(state.requests ?? [])].reverse()) {
    const [mesh = '', proxy = ''] = request.from.split('/');
    const { zone, to, method, path } = request;
    session.send({ zone, mesh, proxy, to, method, path, headers: readHeaders(request.headers) ?? {} }, request.expect);
  }
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
