// Does the server answer? One truth for the offline bar, the queue and the composer.
import { useSyncExternalStore } from 'react';
import { on_reach } from '../api/client';

let reachable = true;
const listeners = new Set<() => void>();
export function set_reachable(next: boolean): void {
  if (next === reachable) return;
  reachable = next;
  for (const listener of listeners) listener();
}
export function is_reachable(): boolean {
  return reachable;
}
export function watch_reach(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
on_reach(set_reachable);
window.addEventListener('offline', () => set_reachable(false));

export function useReachable(): boolean {
  return useSyncExternalStore(watch_reach, is_reachable);
}
