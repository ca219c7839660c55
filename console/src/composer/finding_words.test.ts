import { expect, test } from 'vitest';
import type { Finding } from '../api/types';
import { marks_in, sorted, worst } from './finding_words';

const finding = (severity: Finding['severity'], ...ranges: [number, number][]): Finding => ({
  check: 'x',
  severity,
  ranges,
  params: {},
});

test('the gravest finding comes first', () => {
  const list = [finding('hint'), finding('blocked'), finding('second_person')];
  expect(sorted(list).map((one) => one.severity)).toEqual(['blocked', 'second_person', 'hint']);
  expect(worst(list)).toBe('blocked');
  expect(worst([])).toBe('off');
});
test('only what stands where it stood is marked', () => {
  const list = [finding('hint', [0, 3], [4, 7])];
  expect(marks_in('abc def', 'abc def', list).map(({ start, end }) => [start, end])).toEqual([
    [0, 3],
    [4, 7],
  ]);
  expect(marks_in('abc xdef', 'abc def', list).map(({ start, end }) => [start, end])).toEqual([[0, 3]]);
  expect(marks_in('', 'abc def', list)).toEqual([]);
});
test('the graver mark wins where two overlap', () => {
  const marks = marks_in('abcdef', 'abcdef', [finding('hint', [0, 4]), finding('blocked', [2, 6])]);
  expect(marks).toEqual([{ start: 2, end: 6, severity: 'blocked' }]);
});
