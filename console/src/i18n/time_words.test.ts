import { expect, test } from 'vitest';
import { promised } from './time_words';

const now = Date.parse('2026-01-01T00:00:00Z');
const at = (minutes: number): string => new Date(now + minutes * 60_000).toISOString();

test('what is left of a promise', () => {
  expect(promised(at(41), now, 60)).toMatchObject({ urgency: 'calm', unit: 'minute', value: 41 });
  expect(promised(at(14), now, 60)).toMatchObject({ urgency: 'soon', unit: 'minute', value: 14 });
  expect(promised(at(0.2), now, 60)).toMatchObject({ urgency: 'soon', value: 1 });
  expect(promised(at(-0.2), now, 60)).toMatchObject({ urgency: 'late', value: 1 });
  expect(promised(at(-125), now, 60)).toMatchObject({ urgency: 'late', unit: 'hour', value: 2 });
  expect(promised(at(3 * 1440), now, 720)).toMatchObject({ urgency: 'calm', unit: 'day', value: 3 });
});
test('a short promise is not "soon" from its first minute', () => {
  expect(promised(at(14), now, 20).urgency).toBe('calm');
  expect(promised(at(4), now, 20).urgency).toBe('soon');
});
test('the ring is full at most, empty at least', () => {
  expect(promised(at(600), now, 60).share).toBe(1);
  expect(promised(at(-1), now, 60).share).toBe(0);
  expect(promised(at(30), now, 60).share).toBeCloseTo(0.5);
});
