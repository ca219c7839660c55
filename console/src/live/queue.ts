// Work done while the server does not answer: kept in order in the browser's storage, for this person alone, and sent
// when it answers again. What did not go through then is kept to be read, until the person has seen it.
import { useSyncExternalStore } from 'react';
import { ApiError, call, OfflineError } from '../api/client';
import type { CaseRow, CaseStatus, Id } from '../api/types';
import { is_reachable, watch_reach } from './reach';

export interface Waiting {
  path: string;
  method: string;
  body: unknown;
  // What ends a matter: what the person saw of the case, and what it is to become.
  seen?: { preview: string; assignee_id: Id | null; to: CaseStatus | null };
  id?: string; // its name in the storage
}
export interface NotDone {
  item: Waiting;
  why: ApiError | 'earlier'; // earlier: something before it in the same case was refused
}
export interface BackAgain {
  sent: number;
  not_done: readonly NotDone[];
}
// Of acts on many cases: how many cases would not have it.
type Emptied = BackAgain & { left: number };
export const new_request = (): string =>
  crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
const retry_ms = 5_000;

let storage = ''; // one for each person: somebody else at this browser sends nothing of theirs
let waiting: readonly Waiting[] = [];
let back: BackAgain | null = null;
let sending = false;
let retry = 0;
// Cases of which something was refused, until all that waited has left.
const stopped = new Set<Id>();
const listeners = new Set<() => void>();
const tell = (): void => {
  for (const listener of listeners) listener();
};
let on_refused: (what: NotDone) => void = () => {};
let on_emptied: (what: Emptied) => void = () => {};

function read(): Waiting[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storage) ?? '[]');
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}
// Another tab may have written meanwhile: what is stored is changed, not what this one remembers.
function change(next: (stored: Waiting[]) => Waiting[]): void {
  const stored = next(read());
  if (stored.length > 0) localStorage.setItem(storage, JSON.stringify(stored));
  else localStorage.removeItem(storage);
  waiting = stored;
  tell();
}
export function open_queue(me: Id, refused: (what: NotDone) => void, emptied: (what: Emptied) => void): void {
  storage = `kiki.queue.${me}`;
  stopped.clear();
  waiting = read();
  on_refused = refused;
  on_emptied = emptied;
  tell();
  void send_waiting();
}

export const workspace_of = (item: Waiting): Id | undefined => /^\/workspaces\/(\d+)\//.exec(item.path)?.[1];
export const case_of = (item: Waiting): Id | undefined => /\/cases\/(\d+)/.exec(item.path)?.[1];

// "Changed" is a surprise only when the customer wrote or a colleague took the case; our own reply on its way also
// makes a new version, and must not stand in the way of resolving right after it.
async function deliver<T>(item: Waiting): Promise<T> {
  const send = (body: unknown) => call<T>(item.path, { method: item.method, body });
  try {
    return await send(item.body);
  } catch (error) {
    if (!item.seen || !(error instanceof ApiError && error.status === 409 && error.code === 'changed'))
      throw error;
    const now = await call<CaseRow>(item.path.replace(/\/[a-z]+$/, ''));
    const same = now.preview === item.seen.preview && now.assignee_id === item.seen.assignee_id;
    if (same && now.status === item.seen.to) return now as T; // it was done, and only the answer was lost
    if (!same || now.status === 'resolved' || now.status === 'dismissed') throw error;
    return send({ ...(item.body as object), version: now.version });
  }
}

// Sends now, or keeps it for later; 'later' means it waits. Order is kept: nothing overtakes what already waits.
export async function send_or_keep<T>(item: Waiting): Promise<T | 'later'> {
  if (waiting.length === 0) {
    try {
      return await deliver<T>(item);
    } catch (error) {
      if (!(error instanceof OfflineError)) throw error;
    }
  }
  item.id = new_request();
  change((stored) => [...stored, item]);
  if (is_reachable()) void send_waiting();
  return 'later';
}

// Whether it had not left yet: then it never will.
export function take_back(item: Waiting): boolean {
  const at = read().findIndex((one) => one.id === item.id);
  if (at < 0 || (at === 0 && sending)) return false;
  change((stored) => stored.filter((one) => one.id !== item.id));
  return true;
}

const may_pass = (error: unknown): boolean =>
  error instanceof OfflineError ||
  (error instanceof ApiError && [401, 429, 502, 503, 504].includes(error.status));

async function drain(): Promise<void> {
  const not_done: NotDone[] = [];
  let sent = 0;
  let left = 0;
  for (let item = read()[0]; item; item = read()[0]) {
    const { id } = item;
    const case_id = case_of(item);
    let why: NotDone['why'] | undefined;
    if (item.seen && case_id && stopped.has(case_id)) why = 'earlier';
    else {
      try {
        const answer = await deliver<{ refused?: number } | undefined>(item);
        left += answer?.refused ?? 0;
        sent++;
      } catch (error) {
        if (may_pass(error) || !(error instanceof ApiError)) {
          window.clearTimeout(retry);
          // Somebody who signs in tells by itself.
          const tells = error instanceof ApiError && error.status === 401;
          if (!tells) retry = window.setTimeout(() => void send_waiting(), retry_ms);
          break;
        }
        why = error;
      }
    }
    if (why) {
      if (case_id) stopped.add(case_id);
      not_done.push({ item, why });
      on_refused({ item, why });
    }
    change((stored) => stored.filter((one) => one.id !== id));
  }
  if (read().length === 0) stopped.clear();
  if (sent + not_done.length === 0) return;
  if (not_done.length > 0)
    back = { sent: sent + (back?.sent ?? 0), not_done: [...(back?.not_done ?? []), ...not_done] };
  on_emptied({ sent, not_done, left });
  tell();
}
// One tab at a time: two would send the same.
export async function send_waiting(): Promise<void> {
  if (sending || storage === '' || read().length === 0) return;
  sending = true;
  try {
    if (navigator.locks) await navigator.locks.request(storage, drain);
    else await drain();
  } finally {
    sending = false;
    waiting = read();
    tell();
  }
}
watch_reach(() => {
  if (is_reachable()) void send_waiting();
});
window.addEventListener('storage', (event) => {
  if (event.key !== storage) return;
  waiting = read();
  tell();
});

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
export function useWaiting(): number {
  return useSyncExternalStore(listen, () => waiting.length);
}
export const back_again = (): BackAgain | null => back;
export function useBackAgain(): BackAgain | null {
  return useSyncExternalStore(listen, back_again);
}
export function forget_back_again(): void {
  back = null;
  tell();
}
