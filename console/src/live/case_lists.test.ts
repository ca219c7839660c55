import { expect, test } from 'vitest';
import type { CaseRow } from '../api/types';
import { belongs, type ListState, type Placing, place, settle, show_arrivals, sorted } from './case_lists';

const row = (id: string, more: Partial<CaseRow> = {}): CaseRow => ({
  id,
  number: Number(id),
  status: 'open',
  origin: 'addressed',
  network: 'bluesky',
  account_id: '1',
  person_id: '1',
  name: '',
  handle: '',
  avatar_url: '',
  followers: null,
  title: '',
  preview: '',
  preview_marks: [],
  triage: null,
  due_at: `2026-01-01T0${id}:00:00Z`,
  queue: 'desk',
  rank_at: `2026-01-01T0${id}:00:00Z`,
  rank_why: [],
  opinion: null,
  promised_from: null,
  priority: 'normal',
  waiting_since: null,
  last_post_at: `2026-01-01T0${id}:00:00Z`,
  snoozed_until: null,
  folded: false,
  assignee_id: null,
  team_id: null,
  dismiss_reason: '',
  post_count: 1,
  tags: [],
  topic_ids: [],
  version: 1,
  ...more,
});
const list = (...ids: string[]): ListState => ({
  pages: [{ items: ids.map((id) => row(id)), next_cursor: null }],
  arrivals: [],
});
const ids = (state: ListState): string[] => state.pages.flatMap((page) => page.items.map((item) => item.id));
const here: Placing = { view: 'now', topic: null, me: '9', hold_arrivals: false, keep: () => false };

test('which rows belong to a view', () => {
  expect(belongs('now', null, row('1'), '9')).toBe(true);
  expect(belongs('mine', null, row('1'), '9')).toBe(false);
  expect(belongs('mine', null, row('1', { assignee_id: '9' }), '9')).toBe(true);
  expect(belongs('found', null, row('1', { status: 'found' }), '9')).toBe(true);
  expect(belongs('all', null, row('1', { status: 'dismissed' }), '9')).toBe(true);
  const buyer = row('1', { queue: 'purchase', assignee_id: '9' });
  expect(belongs('now', null, buyer, '9')).toBe(false);
  expect(belongs('mine', null, buyer, '9')).toBe(true);
  expect(belongs('purchase', null, buyer, '9')).toBe(true);
  expect(belongs('purchase', null, { ...buyer, status: 'resolved' }, '9')).toBe(false);
  expect(belongs('found', null, { ...buyer, status: 'found' }, '9')).toBe(false);
  expect(belongs('watched', null, row('1', { status: 'watched' }), '9')).toBe(true);
  expect(belongs('opinions', null, row('1', { opinion: { by: '2', of: null, note: '' } }), '9')).toBe(true);
  expect(belongs('opinions', null, row('1'), '9')).toBe(false);
});
test('a list of a topic takes what the topic wanted, newest case first', () => {
  const of_topic = (id: string) => row(id, { status: 'found', topic_ids: ['7'] });
  const state: ListState = { pages: [{ items: [of_topic('1')], next_cursor: null }], arrivals: [] };
  const in_topic: Placing = { ...here, view: 'found', topic: '7' };
  expect(ids(place(state, of_topic('2'), in_topic))).toEqual(['2', '1']);
  expect(ids(place(state, row('2', { status: 'found', topic_ids: ['8'] }), in_topic))).toEqual(['1']);
  expect(ids(place(state, { ...of_topic('1'), version: 2, status: 'open' }, in_topic))).toEqual([]);
});
test('a new case goes to its place by its rank, not by its promise', () => {
  const harmed = row('4', { rank_at: '2026-01-01T00:30:00Z' });
  expect(ids(place(list('1', '3'), harmed, here))).toEqual(['4', '1', '3']);
  expect(ids(place(list('1', '3'), row('2'), here))).toEqual(['1', '2', '3']);
});
test('others are newest first', () => {
  const state: ListState = {
    pages: [{ items: [row('3', { status: 'found' }), row('1', { status: 'found' })], next_cursor: null }],
    arrivals: [],
  };
  expect(ids(place(state, row('2', { status: 'found' }), { ...here, view: 'found' }))).toEqual([
    '3',
    '2',
    '1',
  ]);
});
test('new cases wait while the list is being read, and come when asked', () => {
  const held = place(list('1', '3'), row('2'), { ...here, hold_arrivals: true });
  expect(ids(held)).toEqual(['1', '3']);
  expect(held.arrivals.map((one) => one.id)).toEqual(['2']);
  const again = place(held, row('2', { version: 2, preview: 'x' }), { ...here, hold_arrivals: true });
  expect(again.arrivals).toHaveLength(1);
  expect(again.arrivals[0]?.preview).toBe('x');
  expect(ids(show_arrivals('rank', again))).toEqual(['1', '2', '3']);
  expect(place(again, row('2', { version: 3, status: 'resolved' }), here).arrivals).toEqual([]);
});
test('a row that left stays while it is kept, and goes when settled', () => {
  const gone = row('1', { status: 'resolved', version: 2 });
  const kept = place(list('1', '2'), gone, { ...here, keep: (id) => id === '1' });
  expect(ids(kept)).toEqual(['1', '2']);
  expect(kept.pages[0]?.items[0]?.status).toBe('resolved');
  expect(ids(settle(kept, 'now', null, '9', () => false))).toEqual(['2']);
  expect(ids(place(list('1', '2'), gone, here))).toEqual(['2']);
});
test('an overtaken answer does not bring an old state back', () => {
  const state = place(list('1'), row('1', { version: 5, preview: 'new' }), here);
  expect(place(state, row('1', { version: 4, preview: 'old' }), here).pages[0]?.items[0]?.preview).toBe(
    'new',
  );
});
test('a row never moves under the pointer when its promise changes', () => {
  const state = place(list('1', '2', '3'), row('1', { rank_at: '2026-01-01T09:00:00Z', version: 2 }), here);
  expect(ids(state)).toEqual(['1', '2', '3']);
});
test('what comes after the last loaded page is left to its page', () => {
  const state: ListState = { pages: [{ items: [row('1'), row('2')], next_cursor: 'more' }], arrivals: [] };
  expect(ids(place(state, row('5'), here))).toEqual(['1', '2']);
});
test('a row that stayed in place does not draw new ones to it', () => {
  // Row 1 was answered: nothing is promised any more, and it stays on top while it is open.
  const state = list('1', '2', '4');
  state.pages[0]!.items[0] = row('1', { rank_at: null, status: 'waiting' });
  expect(ids(place(state, row('3'), here))).toEqual(['1', '2', '3', '4']);
  expect(ids(place(state, row('5'), here))).toEqual(['1', '2', '4', '5']);
});
test('order comes back when nobody is looking', () => {
  const state = list('1', '2', '3');
  state.pages[0]!.items[0] = row('1', { rank_at: '2026-01-01T09:00:00Z' });
  expect(ids(settle(state, 'now', null, '9', () => false))).toEqual(['1', '2', '3']);
  expect(ids(settle(state, 'now', null, '9', () => false, true))).toEqual(['2', '3', '1']);
  const good = list('1', '2').pages;
  expect(sorted('rank', good)).toBe(good);
});
