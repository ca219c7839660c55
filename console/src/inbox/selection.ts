// The rows chosen with x, for work on many at once.
import { useSyncExternalStore } from 'react';
import type { Id } from '../api/types';

let chosen: ReadonlySet<Id> = new Set();
const listeners = new Set<() => void>();
function set(next: ReadonlySet<Id>): void {
  chosen = next;
  for (const listener of listeners) listener();
}
export const selection = {
  read: (): ReadonlySet<Id> => chosen,
  toggle(id: Id): void {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    set(next);
  },
  clear(): void {
    if (chosen.size > 0) set(new Set());
  },
};
export function useSelected(): ReadonlySet<Id> {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, selection.read);
}
