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
// Numbers of npm twitter-text 3.1.0, as src/text/length_test.cpp has them.
test.each([
  ['日本語', 6],
  ['1️⃣', 2],
  ['©', 1],
  ['©️', 2],
  ['❤️', 2],
  ['e\u0301', 1],
  ['か\u3099', 2],
  ['—…“”‘’', 7],
  ['example.com', 23],
  ['see example.com.', 28],
  ['minato.co.jp へ', 26],
  ['https://minato.co.jp/。次', 27],
  ['https://例え.jp/', 23],
  ['a@example.com', 13],
  ['https://x.com/a, b', 26],
  ['日本語https://x.com/aです', 33],
  ['x.y', 3],
  ['v1.2', 4],
  ['foo.jpg', 7],
  ['www.example.com', 23],
])('X weighs "%s" as %d', (text, weight) => {
  expect(count(text, 'weighted')).toBe(weight);
});
