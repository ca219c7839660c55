import { expect, test } from 'vitest';
import { columns, span_times } from './report_time';

test('hours of one day of the zone are one column', () => {
  const report = {
    from: '2026-11-01T13:00:00Z',
    volume: Array.from({ length: 24 }, () => 1),
    previous_volume: Array.from({ length: 24 }, (_, n) => n),
  };
  const day = (time: Date) =>
    new Intl.DateTimeFormat('en', { timeZone: 'Asia/Tokyo', day: 'numeric' }).format(time);
  const days = columns(report, false, day);
  expect(days.map(({ label, posts, previous }) => [label, posts, previous])).toEqual([
    ['1', 2, 1],
    ['2', 22, 275],
  ]);
  expect(days[0]!.to).toBe(days[1]!.from);
  expect(columns(report, true, day)).toHaveLength(24);
});
test('a span ends with the running hour', () => {
  const { from, to } = span_times('day', Date.parse('2026-11-02T10:20:00Z'));
  expect(from).toBe('2026-11-01T11:00:00.000Z');
  expect(to).toBe('2026-11-02T11:00:00.000Z');
});
