// The name that is being written after an @ at the end of a text.
export const fold = (text: string): string => text.normalize('NFKC').toLowerCase();

export function mention_at(text: string): { from: number; word: string } | null {
  const from = Math.max(text.lastIndexOf('@'), text.lastIndexOf('＠'));
  if (from < 0) return null;
  // "hana@example.com" is an address.
  if (from > 0 && /[\w.]/.test(text[from - 1]!)) return null;
  const word = text.slice(from + 1);
  return word.length <= 30 && !/[\n。、,]/.test(word) && !/ .* /.test(word) ? { from, word } : null;
}
