import { expect, test } from 'vitest';
import { moved } from './moved';

const list = (...places: number[]) => places.map((place, at) => ({ id: 'abcdef'[at]!, place }));
const ids = (of: { id: string }[] | undefined) => of?.map(({ id }) => id).join('');

test('two neighbours change their places, and nobody else', () => {
  const up = moved(list(1, 4, 9), 2, 1);
  expect(ids(up?.list)).toBe('acb');
  expect(up?.changed).toEqual([
    { id: 'c', place: 4 },
    { id: 'b', place: 9 },
  ]);
});
test('equal places are told apart', () => {
  const next = moved(list(0, 0, 0), 0, 1);
  expect(ids(next?.list)).toBe('bac');
  expect(next?.list.map(({ place }) => place)).toEqual([0, 1, 2]);
  expect(ids(next?.changed)).toBe('ac');
});
test('nothing beyond the ends', () => {
  expect(moved(list(1, 2), 0, -1)).toBeNull();
  expect(moved(list(1, 2), 1, 2)).toBeNull();
});
