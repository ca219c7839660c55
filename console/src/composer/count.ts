// Pure: how long a text is in the network's own unit.
import type { Capabilities } from '../api/types';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
export function graphemes(text: string): number {
  let count = 0;
  for (const _ of segmenter.segment(text)) count++;
  return count;
}
// X: Latin and a few marks weigh one, everything else two; an address weighs 23; an emoji two, however long. An
// address ends where prose goes on, and needs no scheme when its end is a known one. (As src/text/length.cpp.)
const ends =
  'ai|app|au|biz|blog|ca|ch|cn|co|com|de|dev|edu|es|eu|fr|gg|gov|in|info|io|it|jp|kr|ly|me|net|nl|' +
  'online|org|shop|site|store|to|tokyo|tv|tw|uk|us';
const name = '[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*';
const path = '(?::\\d+)?(?:[/?][!-~]*?(?=[.,;:!?\'*)\\]|]*(?:[^!-~]|["<>`{}\\\\^]|$)))?';
const address = new RegExp(
  `https?://${name}\\.[A-Za-z0-9-]+${path}|https?://[^ -~\\s][^\\s/]*${path}|` +
    `(?<![A-Za-z0-9@#$./_:-])${name}\\.(?:${ends})(?![A-Za-z0-9@-]|\\.[A-Za-z0-9])${path}`,
  'giu',
);
function weighted(text: string): number {
  let sum = 0;
  const rest = text.normalize('NFC').replace(address, () => {
    sum += 23;
    return '';
  });
  for (const { segment } of segmenter.segment(rest)) {
    const picture = /^(?![©®])\p{Extended_Pictographic}|\p{Regional_Indicator}|\uFE0F|\u20E3/u.test(segment);
    if (picture) sum += 2;
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
