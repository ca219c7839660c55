// For which case the reason of its promise is shown.
import { useSyncExternalStore } from 'react';
import type { Id } from '../api/types';

let shown: Id | null = null;
const listeners = new Set<() => void>();
export function show_why(id: Id | null): void {
  shown = id;
  for (const listener of listeners) listener();
}
export function useWhy(): Id | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
}
