// The rows chosen with x, for work on many at once; or all of the list, whether loaded or not.
import { useSyncExternalStore } from 'react';
import type { Id } from '../api/types';

export interface Chosen {
  ids: ReadonlySet<Id>;
  all: boolean;
}
const nothing: Chosen = { ids: new Set(), all: false };
let chosen = nothing;
const listeners = new Set<() => void>();
function set(next: Chosen): void {
  chosen = next;
  for (const listener of listeners) listener();
}
export const selection = {
  read: (): Chosen => chosen,
  // Out of all of them, one cannot be left out: then only those are meant that were chosen before.
  toggle(id: Id): void {
    const ids = new Set(chosen.ids);
    if (!ids.delete(id)) ids.add(id);
    set({ ids, all: false });
  },
  all(): void {
    set({ ids: chosen.ids, all: true });
  },
  clear(): void {
    if (chosen !== nothing) set(nothing);
  },
};
export function useSelected(): Chosen {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, selection.read);
}
