import { beforeAll, expect, test } from 'vitest';
import { use_language } from './i18n';
import { rank_base, rank_lines, rank_reason, rank_short } from './rank_words';

beforeAll(async () => {
  Object.assign(globalThis, { document: { documentElement: {} } });
  await use_language('en');
});

const row = {
  due_at: '2026-04-01T10:00:00.000Z',
  rank_at: '2026-04-01T05:24:00.000Z',
  rank_why: [
    { key: 'danger', minutes: 240 },
    { key: 'group:VIP', minutes: 60 },
    { key: 'chatter', minutes: -30 },
    { key: 'waiting', minutes: 6 },
  ],
};

test('every reason says how much it counts, and in which direction', () => {
  expect(rank_lines(row)).toEqual([
    'danger for body or health: 240 minutes earlier',
    'group VIP: 60 minutes earlier',
    'chatter or noise: 30 minutes later',
    'waiting time: 6 minutes earlier',
  ]);
  expect(rank_short(row)).toBe('danger for body or health · VIP');
  expect(rank_short(row, { beside_chips: true })).toBe('VIP');
});
test('a case in no queue has no reasons', () => {
  expect(rank_lines({ ...row, rank_at: null })).toEqual([]);
  expect(rank_short({ ...row, rank_at: null })).toBe('');
});
test('what nothing is promised for says what it is counted from', () => {
  const bought = {
    due_at: null,
    rank_at: '2026-04-01T10:00:00.000Z',
    rank_why: [{ key: 'anger', minutes: 60 }],
  };
  expect(rank_base(bought)).toContain('Nothing promised');
});
test('a reason this console does not know yet is shown by its name', () => {
  expect(rank_reason({ key: 'weather', minutes: 1 })).toContain('weather');
});
