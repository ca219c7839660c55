// Where a short code is being typed: a slash at the start of a word, up to the caret. Pure.
export interface Slash {
  start: number; // of the slash
  query: string;
}
// Japanese keyboards give ／ as easily as /.
const pattern = /(?:^|[\s　])([/／][^\s　/／]{0,60})$/;
export function slash_at(text: string, caret: number): Slash | null {
  const hit = pattern.exec(text.slice(Math.max(0, caret - 80), caret));
  if (!hit?.[1]) return null;
  return { start: caret - hit[1].length, query: hit[1].slice(1) };
}

// The signature is added when it is sent, unless the writer signed already.
export function signature(text: string, initials: string, wanted: boolean): string {
  const mark = initials.trim();
  if (!wanted || mark === '' || text.trim() === '') return '';
  const end = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s).]+$/, '');
  if (end.endsWith(mark.normalize('NFKC').toLowerCase())) {
    const before = end.at(-mark.length - 1);
    if (before === undefined || /[\s^\-(/~:]|[^ -~]/.test(before)) return '';
  }
  return ` ^${mark}`;
}
