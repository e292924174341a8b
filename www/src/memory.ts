/**
 * Keeps the state of this tab, one for each step of its history, so that reload and the back button lose nothing. In
 * session storage: other tabs have their own, and the browser drops it with the tab.
 */
import type { LinkState } from 'meshscope/link';

const PREFIX = 'meshscope.state.';
const STEPS = 20;

interface Kept {
  readonly fragment: string;
  readonly state: LinkState;
}

export class Memory {
  /** The step that is shown; it names its entry. */
  #step(): string {
    const state: unknown = history.state;
    if (typeof state === 'object' && state !== null && 'step' in state && typeof state.step === 'string') {
      return state.step;
    }
    const step = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
    history.replaceState({ step }, '');
    return step;
  }

  /** A new step, as following a link would make. */
  enter(address: string): void {
    history.pushState(null, '', address);
    this.#step();
  }

  /** What was kept for this step, if the address is still the one it was kept for. */
  here(fragment: string): LinkState | undefined {
    try {
      const text = sessionStorage.getItem(PREFIX + this.#step());
      if (text === null) return undefined;
      const kept = JSON.parse(text) as Kept; // written by `keep`, in this tab
      return kept.fragment === fragment ? kept.state : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps the state of this step. */
  keep(state: LinkState): void {
    const kept: Kept = { fragment: location.hash.slice(1), state };
    const key = PREFIX + this.#step();
    try {
      sessionStorage.setItem(key, JSON.stringify(kept));
      const keys = Object.keys(sessionStorage).filter((each) => each.startsWith(PREFIX));
      if (keys.length > STEPS)
        for (const old of keys.sort().slice(0, keys.length - STEPS)) sessionStorage.removeItem(old);
    } catch {
      // Full or switched off: the page works on, only reload starts anew.
    }
  }
}
