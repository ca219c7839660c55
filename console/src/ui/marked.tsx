// Text of a customer: always text. Matched words are marked, addresses become links that open elsewhere.
import type { ReactNode } from 'react';
import style from './marked.module.css';

const address = /https?:\/\/[^\s<>"'）」』】、。]+[^\s<>"'）」』】、。.,!?:;)]/g;

function with_links(text: string, key: string): ReactNode[] {
  const out: ReactNode[] = [];
  let from = 0;
  for (const hit of text.matchAll(address)) {
    out.push(text.slice(from, hit.index));
    out.push(
      <a key={`${key}.${hit.index}`} href={hit[0]} target="_blank" rel="noopener noreferrer nofollow">
        {hit[0]}
      </a>,
    );
    from = hit.index + hit[0].length;
  }
  out.push(text.slice(from));
  return out;
}

// Pieces of `text` between UTF-16 marks; bad marks from outside are skipped, never trusted.
export function pieces(
  text: string,
  marks: readonly [number, number][],
): { text: string; hit: boolean; at: number }[] {
  const out: { text: string; hit: boolean; at: number }[] = [];
  let from = 0;
  for (const [start, end] of [...marks].sort((a, b) => a[0] - b[0])) {
    if (!(start >= from && end > start && end <= text.length)) continue;
    if (start > from) out.push({ text: text.slice(from, start), hit: false, at: from });
    out.push({ text: text.slice(start, end), hit: true, at: start });
    from = end;
  }
  if (from < text.length) out.push({ text: text.slice(from), hit: false, at: from });
  return out;
}

// A part of the text that is shown as something else: an emoji of the network's own, a mention.
export interface Shown {
  kind: string;
  start: number;
  end: number;
  image_url: string;
  of_us: boolean;
}
export function WithInlines({
  text,
  marks,
  inlines,
}: {
  text: string;
  marks: readonly [number, number][];
  inlines: readonly Shown[];
}) {
  const out: ReactNode[] = [];
  let from = 0;
  const plain = (end: number) => {
    if (end <= from) return;
    const shift = from;
    const inside = marks
      .map(([a, b]) => [Math.max(a, shift) - shift, Math.min(b, end) - shift] as [number, number])
      .filter(([a, b]) => b > a);
    out.push(<Marked key={`t${from}`} text={text.slice(from, end)} marks={inside} links />);
  };
  for (const one of [...inlines].sort((a, b) => a.start - b.start)) {
    if (!(one.start >= from && one.end > one.start && one.end <= text.length)) continue;
    plain(one.start);
    const words = text.slice(one.start, one.end);
    out.push(
      one.kind === 'emoji' && /^https:/.test(one.image_url) ? (
        <img
          key={one.start}
          className={style.emoji}
          src={one.image_url}
          alt={words}
          title={words}
          loading="lazy"
          referrerPolicy="no-referrer"
        />
      ) : (
        <span key={one.start} className={one.of_us ? style.us : style.mention}>
          {words}
        </span>
      ),
    );
    from = one.end;
  }
  plain(text.length);
  return out;
}

export function Marked({
  text,
  marks = [],
  links = false,
}: {
  text: string;
  marks?: readonly [number, number][];
  links?: boolean;
}) {
  return pieces(text, marks).map((piece) =>
    piece.hit ? (
      <mark key={piece.at}>{piece.text}</mark>
    ) : (
      <span key={piece.at}>{links ? with_links(piece.text, String(piece.at)) : piece.text}</span>
    ),
  );
}
