// Does the server answer? One truth for the offline bar, the queue and the composer.
import { useSyncExternalStore } from 'react';
import { call, on_reach } from '../api/client';

let reachable = true;
let pause_ms = 2_000;
let timer = 0;
// Asks until there is an answer; any answer counts, and `call` tells us about it.
function probe_later(): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => {
    pause_ms = Math.min(15_000, pause_ms * 1.5);
    call('/me')
      .catch(() => undefined)
      .finally(() => reachable || probe_later());
  }, pause_ms);
}
const listeners = new Set<() => void>();
export function set_reachable(next: boolean): void {
  if (next === reachable) return;
  reachable = next;
  pause_ms = 2_000;
  if (next) window.clearTimeout(timer);
  else probe_later();
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
window.addEventListener('online', () => void call('/me').catch(() => undefined));

// Somebody does not want to wait for the next look.
export function look_now(): void {
  pause_ms = 2_000;
  void call('/me').catch(() => undefined);
}

export function useReachable(): boolean {
  return useSyncExternalStore(watch_reach, is_reachable);
}
