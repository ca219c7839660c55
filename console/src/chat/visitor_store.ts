// Which visitors of the web chat are there and write, as the live stream tells it.
import { useSyncExternalStore } from 'react';
import type { Id } from '../api/types';
import type { VisitorNews } from './types';

// Their page says it again every four seconds.
const writing_ms = 10_000;

let by_case: ReadonlyMap<Id, VisitorNews> = new Map();
const timers = new Map<Id, number>();
const listeners = new Set<() => void>();

function set(news: VisitorNews): void {
  by_case = new Map(by_case).set(news.case_id, news);
  for (const listener of listeners) listener();
}
export function hear_visitor(news: VisitorNews): void {
  window.clearTimeout(timers.get(news.case_id));
  set(news);
  if (news.writing)
    timers.set(
      news.case_id,
      window.setTimeout(() => set({ ...news, writing: false }), writing_ms),
    );
}
export const useVisitorNews = (case_id: Id): VisitorNews | undefined =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => by_case.get(case_id),
  );
