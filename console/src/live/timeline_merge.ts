// Pure: the newest page of a timeline laid over what is already loaded.
import type { Timeline, TimelineItem } from '../api/types';
import { compare_id } from './case_lists';

export function merge_newest(old: Timeline | undefined, page: Timeline): Timeline {
  const first = page.items[0];
  if (!old || !first || !page.before) return page;
  const known = old.items.findIndex((item) => item.type === first.type && item.id === first.id);
  if (known < 0) return page; // more came than one page holds: begin again
  return { items: [...old.items.slice(0, known), ...page.items], before: old.before };
}
export function merge_older(old: Timeline, page: Timeline): Timeline {
  const have = new Set(old.items.map(item_key));
  return {
    items: [...page.items.filter((item) => !have.has(item_key(item))), ...old.items],
    before: page.before,
  };
}
export function add_item(old: Timeline | undefined, item: TimelineItem): Timeline | undefined {
  if (!old) return old;
  const rest = old.items.filter((other) => item_key(other) !== item_key(item));
  return { ...old, items: [...rest, item].sort(in_order) };
}
export const item_key = (item: TimelineItem): string => `${item.type} ${item.id}`;
function in_order(a: TimelineItem, b: TimelineItem): number {
  return a.at === b.at ? compare_id(a.id, b.id) : a.at < b.at ? -1 : 1;
}
