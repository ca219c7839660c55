import { expect, test } from 'vitest';
import { with_term, without_term } from './query_edit';

test('a term is added beside the others, and what is left out stays left out', () => {
  expect(with_term('', 'a')).toBe('a');
  expect(with_term('a', 'b')).toBe('a OR b');
  expect(with_term('a OR "b c"', 'd')).toBe('a OR "b c" OR d');
  expect(with_term('(a OR b) -c', 'd')).toBe('(a OR b OR d) -c');
  expect(with_term('(a b) OR c', 'd')).toBe('(a b) OR c OR d');
  expect(with_term('a b', 'd')).toBe('(a b) OR d');
  expect(with_term('a NEAR/3 b', 'd')).toBe('(a NEAR/3 b) OR d');
  expect(with_term('(a b) -c', 'd')).toBe('((a b) -c) OR d');
});
test('a term is left out of all parts', () => {
  expect(without_term('a OR b', 'c')).toBe('(a OR b) -c');
  expect(without_term('(a OR b) -d', 'c')).toBe('(a OR b) -d -c');
});
