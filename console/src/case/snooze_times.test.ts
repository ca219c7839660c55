import { expect, test } from 'vitest';
import { instant, presets, zone_offset } from './snooze_times';

test('a wall-clock time in a zone is an instant', () => {
  expect(new Date(instant(2026, 0, 5, 9, 0, 'Asia/Tokyo')).toISOString()).toBe('2026-01-05T00:00:00.000Z');
  expect(new Date(instant(2026, 6, 5, 9, 0, 'Europe/Berlin')).toISOString()).toBe('2026-07-05T07:00:00.000Z');
  expect(zone_offset(Date.parse('2026-01-05T00:00:00Z'), 'Asia/Tokyo')).toBe(540);
});
test('mornings are the workspace’s mornings, over midnight too', () => {
  // Saturday 23:30 in Tokyo.
  const now = Date.parse('2026-01-03T14:30:00Z');
  const list = presets([60], now, 'Asia/Tokyo');
  expect(list.map((one) => [one.kind, new Date(one.until).toISOString()])).toEqual([
    ['minutes', '2026-01-03T15:30:00.000Z'],
    ['tomorrow', '2026-01-04T00:00:00.000Z'],
    ['monday', '2026-01-05T00:00:00.000Z'],
  ]);
});
