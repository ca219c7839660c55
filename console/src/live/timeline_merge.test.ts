import { expect, test } from 'vitest';
import type { NoteItem, Timeline } from '../api/types';
import { add_item, merge_newest, merge_older } from './timeline_merge';

const note = (n: number, text = ''): NoteItem => ({
  type: 'note',
  id: String(n),
  at: `2026-01-01T00:00:${String(n).padStart(2, '0')}Z`,
  author: { identity_id: null, user_id: '1', name: '', handle: '', avatar_url: '' },
  text,
  deleted: false,
});
const line = (from: number, to: number, before: string | null): Timeline => ({
  items: Array.from({ length: to - from + 1 }, (_, n) => note(from + n)),
  before,
});
const ids = (timeline: Timeline) => timeline.items.map((item) => Number(item.id));

test('the newest page replaces its part and keeps what was loaded before', () => {
  expect(ids(merge_newest(line(1, 6, null), line(4, 8, 'b')))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
test('with a gap between, the story begins again', () => {
  expect(ids(merge_newest(line(1, 3, null), line(6, 8, 'b')))).toEqual([6, 7, 8]);
});
test('a whole story needs no merging; what vanished there vanishes here', () => {
  expect(ids(merge_newest(line(1, 9, null), line(1, 3, null)))).toEqual([1, 2, 3]);
});
test('older pages go on top, once', () => {
  const merged = merge_older(line(4, 6, 'b'), line(2, 4, 'a'));
  expect(ids(merged)).toEqual([2, 3, 4, 5, 6]);
  expect(merged.before).toBe('a');
});
test('an item is put by time and replaces itself', () => {
  const once = add_item(line(1, 3, null), note(9, 'a'))!;
  expect(ids(add_item(once, note(9, 'b'))!)).toEqual([1, 2, 3, 9]);
});
