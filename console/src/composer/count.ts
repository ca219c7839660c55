// Pure: how long a text is in the network's own unit.
import type { Capabilities } from '../api/types';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
export function graphemes(text: string): number {
  let count = 0;
  for (const _ of segmenter.segment(text)) count++;
  return count;
}
// X: Latin and a few marks weigh one, everything else two; an address weighs 23; an emoji two, however long.
const address = /https?:\/\/\S+/g;
function weighted(text: string): number {
  let sum = 0;
  const rest = text.normalize('NFC').replace(address, () => {
    sum += 23;
    return '';
  });
  for (const { segment } of segmenter.segment(rest)) {
    if (/\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(segment)) sum += 2;
    else for (const letter of segment) sum += light(letter.codePointAt(0)!) ? 1 : 2;
  }
  return sum;
}
const light = (point: number): boolean =>
  point <= 4351 ||
  (point >= 8192 && point <= 8205) ||
  (point >= 8208 && point <= 8223) ||
  (point >= 8242 && point <= 8247);

export function count(text: string, unit: Capabilities['text_unit']): number {
  switch (unit) {
    case 'grapheme':
      return graphemes(text);
    case 'weighted':
      return weighted(text);
    case 'utf16':
      return text.length;
    case 'bytes':
      return new TextEncoder().encode(text).length;
  }
}
