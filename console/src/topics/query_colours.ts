// Which part of a query has which colour. Local and forgiving, so that it keeps up with typing; what is wrong is the
// server's word (mistakes).
export type Ink = 'plain' | 'word' | 'operator' | 'not' | 'quote' | 'field' | 'tag' | 'bracket';
export interface Coloured {
  at: number;
  text: string;
  ink: Ink;
}

const token = new RegExp(
  [
    /(?<quote>(?:raw:)?["“”„＂][^"“”„＂]*["“”„＂]?)/,
    /(?<bracket>[()（）])/,
    /(?<operator>\b(?:AND|OR|O?NEAR(?:\/\d*)?)(?=[\s　()（）"]|$))/,
    /(?<not>\bNOT(?=[\s　()（）"]|$)|(?<![^\s　(（])[-－](?=\S))/,
    /(?<field>\b(?:from|to|lang|network|url|has|is|followers|account|word|raw)[:：][^\s　()（）"]*)/,
    /(?<tag>[#＃@＠][^\s　()（）]+)/,
    /(?<word>[^\s　()（）"“”„＂]+)/,
  ]
    .map((part) => part.source)
    .join('|'),
  'gu',
);

export function colours(query: string): Coloured[] {
  const out: Coloured[] = [];
  let from = 0;
  for (const hit of query.matchAll(token)) {
    if (hit.index > from) out.push({ at: from, text: query.slice(from, hit.index), ink: 'plain' });
    const ink = Object.entries(hit.groups ?? {}).find(([, text]) => text !== undefined)?.[0] as Ink;
    out.push({ at: hit.index, text: hit[0], ink });
    from = hit.index + hit[0].length;
  }
  if (from < query.length) out.push({ at: from, text: query.slice(from), ink: 'plain' });
  return out;
}

export interface Piece extends Coloured {
  wrong: boolean;
}
// The same pieces, cut where a mistake begins or ends.
export function with_mistakes(
  pieces: Coloured[],
  mistakes: readonly { from: number; to: number }[],
): Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const end = piece.at + piece.text.length;
    const cuts = new Set([piece.at, end]);
    for (const { from, to } of mistakes) {
      for (const cut of [from, to]) if (cut > piece.at && cut < end) cuts.add(cut);
    }
    const places = [...cuts].sort((a, b) => a - b);
    for (let n = 0; n + 1 < places.length; n++) {
      const [at, until] = [places[n]!, places[n + 1]!];
      const wrong = mistakes.some(({ from, to }) => from < until && to > at);
      out.push({ at, text: piece.text.slice(at - piece.at, until - piece.at), ink: piece.ink, wrong });
    }
  }
  return out;
}
