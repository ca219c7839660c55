// Who is at which case now, as the live stream tells it.
import { useSyncExternalStore } from 'react';
import type { Id, Presence } from '../api/types';

const none: readonly Presence[] = [];
let by_case: ReadonlyMap<Id, readonly Presence[]> = new Map();
const listeners = new Set<() => void>();

export function merge_presence(
  all: ReadonlyMap<Id, readonly Presence[]>,
  one: Presence,
): ReadonlyMap<Id, readonly Presence[]> {
  const others = (all.get(one.case_id) ?? none).filter((other) => other.user_id !== one.user_id);
  const next = new Map(all);
  const here = one.state === 'gone' ? others : [...others, one];
  if (here.length > 0) next.set(one.case_id, here);
  else next.delete(one.case_id);
  return next;
}
function set(next: ReadonlyMap<Id, readonly Presence[]>): void {
  by_case = next;
  for (const listener of listeners) listener();
}
export const hear_presence = (one: Presence): void => set(merge_presence(by_case, one));
export const forget_presence = (): void => set(new Map());

export function usePresence(case_id: Id, me: Id): readonly Presence[] {
  const all = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => by_case.get(case_id) ?? none,
  );
  return all.length === 0 ? all : all.filter((one) => one.user_id !== me);
}
