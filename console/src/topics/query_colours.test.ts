import { expect, test } from 'vitest';
import { colours, with_mistakes } from './query_colours';

const inks = (query: string) =>
  colours(query)
    .filter((piece) => piece.ink !== 'plain')
    .map((piece) => `${piece.ink}:${piece.text}`);

test('each part has its colour, and nothing is lost', () => {
  const query = '(ミナト OR "電源 が") NEAR/5 iphone* -中古 from:me #tag　NOT wi-fi';
  expect(inks(query)).toEqual([
    'bracket:(',
    'word:ミナト',
    'operator:OR',
    'quote:"電源 が"',
    'bracket:)',
    'operator:NEAR/5',
    'word:iphone*',
    'not:-',
    'word:中古',
    'field:from:me',
    'tag:#tag',
    'not:NOT',
    'word:wi-fi',
  ]);
  expect(
    colours(query)
      .map((piece) => piece.text)
      .join(''),
  ).toBe(query);
});
test('small letters are words, and an open quote is one', () => {
  expect(inks('a or b')).toEqual(['word:a', 'word:or', 'word:b']);
  expect(inks('ORANGE "half')).toEqual(['word:ORANGE', 'quote:"half']);
});
test('a mistake cuts the pieces where it stands', () => {
  const pieces = with_mistakes(colours('abc def'), [{ from: 2, to: 5 }]);
  expect(pieces.map((piece) => [piece.text, piece.wrong])).toEqual([
    ['ab', false],
    ['c', true],
    [' ', true],
    ['d', true],
    ['ef', false],
  ]);
});
