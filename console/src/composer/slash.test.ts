import { expect, test } from 'vitest';
import { signature, slash_at } from './slash';

test('a short code begins with a slash at the start of a word', () => {
  expect(slash_at('/re', 3)).toEqual({ start: 0, query: 're' });
  expect(slash_at('Hello /', 7)).toEqual({ start: 6, query: '' });
  expect(slash_at('こんにちは　／返品', 9)).toEqual({ start: 6, query: '返品' });
  expect(slash_at('a\n/x and more', 4)).toEqual({ start: 2, query: 'x' });
});
test('a slash inside of words, links and after a space is none', () => {
  for (const text of ['https://x', 'and/or', '1/2', '/re turn', '//', 'x']) {
    expect(slash_at(text, text.length), text).toBeNull();
  }
});
test('the signature comes once, and only where the voice asks for it', () => {
  expect(signature('Hello.', 'HT', true)).toBe(' ^HT');
  expect(signature('Hello. ^HT', 'HT', true)).toBe('');
  expect(signature('はい。HT', 'HT', true)).toBe('');
  expect(signature('Hello (ht).', 'HT', true)).toBe('');
  expect(signature('TIGHT', 'HT', true)).toBe(' ^HT');
  expect(signature('Hello', 'HT', false)).toBe('');
  expect(signature(' ', 'HT', true)).toBe('');
  expect(signature('Hello', '', true)).toBe('');
});
