/** Between the session of the element and what a link or the tab's memory holds. */
import { toMode, VIEWS, type Session } from 'meshscope/element';
import type { LinkState } from 'meshscope/link';

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
}
