import { expect, test } from 'vitest';
import { parse_spans, spans_text } from './spans_text';

const span = (from: string, to: string) => ({ from, to });
test('hours as people type them', () => {
  expect(parse_spans('9:00-12:00, 13:00-18:00')).toEqual([span('09:00', '12:00'), span('13:00', '18:00')]);
  expect(parse_spans('９：００〜１２：００、１３：００〜１８：００')).toEqual([
    span('09:00', '12:00'),
    span('13:00', '18:00'),
  ]);
  expect(parse_spans('13-18 9-12')).toEqual([span('09:00', '12:00'), span('13:00', '18:00')]);
  expect(parse_spans('')).toEqual([]);
});
test('over midnight', () => {
  expect(parse_spans('22:00-6:00')).toEqual([span('22:00', '30:00')]);
  expect(parse_spans('22:00–26:00')).toEqual([span('22:00', '26:00')]);
});
test('what cannot be read', () => {
  for (const wrong of ['nine', '9:00', '9:70-10:00', '25:00-26:00', '9-12, 11-13'])
    expect(parse_spans(wrong)).toBeNull();
});
test('shown as it can be typed again', () => {
  const spans = [span('09:00', '12:00'), span('22:00', '30:00')];
  expect(parse_spans(spans_text(spans))).toEqual(spans);
});
