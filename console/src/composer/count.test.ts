import { expect, test } from 'vitest';
import { count, graphemes } from './count';

test('graphemes are what a person calls a letter', () => {
  expect(graphemes('')).toBe(0);
  expect(graphemes('はるか')).toBe(3);
  expect(graphemes('👨‍👩‍👧‍👦')).toBe(1);
  expect(graphemes('が')).toBe(1); // か + combining mark
  expect(graphemes('🇯🇵🇰🇷')).toBe(2);
  expect(graphemes('a\r\nb')).toBe(3);
});
test('the other units', () => {
  expect(count('ミナト', 'bytes')).toBe(9);
  expect(count('👍', 'utf16')).toBe(2);
  expect(count('abc', 'weighted')).toBe(3);
  expect(count('ミナト', 'weighted')).toBe(6);
  expect(count('👨‍👩‍👧‍👦', 'weighted')).toBe(2);
  expect(count('see https://example.com/a/very/long/path?with=much', 'weighted')).toBe(4 + 23);
});
