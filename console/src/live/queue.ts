// Work done while the server does not answer: kept in order in the browser's storage, sent when it answers again.
import { useSyncExternalStore } from 'react';
import { ApiError, call, OfflineError } from '../api/client';
import { is_reachable, watch_reach } from './reach';

export interface Waiting {
  path: string;
  method: string;
  body: unknown;
}
const storage = 'kiki.queue';
let waiting: readonly Waiting[] = read();
let sending = false;
const listeners = new Set<() => void>();
let on_refused: (error: ApiError, item: Waiting) => void = () => {};
let on_emptied: () => void = () => {};

function read(): Waiting[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storage) ?? '[]');
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}
function keep(next: readonly Waiting[]): void {
  waiting = next;
  localStorage.setItem(storage, JSON.stringify(next));
  for (const listener of listeners) listener();
}
export function when_queue(refused: (error: ApiError, item: Waiting) => void, emptied: () => void): void {
  on_refused = refused;
  on_emptied = emptied;
}

// Sends now, or keeps it for later; 'later' means it waits. Order is kept: nothing overtakes what already waits.
export async function send_or_keep<T>(item: Waiting): Promise<T | 'later'> {
  if (waiting.length === 0) {
    try {
      return await call<T>(item.path, { method: item.method, body: item.body });
    } catch (error) {
      if (!(error instanceof OfflineError)) throw error;
    }
  }
  keep([...waiting, item]);
  return 'later';
}

// Whether it had not left yet: then it never will.
export function take_back(item: Waiting): boolean {
  const at = waiting.indexOf(item);
  if (at < 0 || (at === 0 && sending)) return false;
  keep(waiting.toSpliced(at, 1));
  return true;
}

export async function send_waiting(): Promise<void> {
  if (sending || waiting.length === 0) return;
  sending = true;
  try {
    while (waiting.length > 0) {
      const item = waiting[0]!;
      try {
        await call(item.path, { method: item.method, body: item.body });
      } catch (error) {
        if (error instanceof OfflineError) return;
        if (error instanceof ApiError && error.status === 401) return;
        if (error instanceof ApiError) on_refused(error, item);
      }
      keep(waiting.slice(1));
    }
    on_emptied();
  } finally {
    sending = false;
  }
}
watch_reach(() => {
  if (is_reachable()) void send_waiting();
});

export function useWaiting(): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => waiting.length,
  );
}
