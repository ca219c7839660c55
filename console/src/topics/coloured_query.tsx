// A query in its colours, to be read.
import { colours } from './query_colours';
import style from './query_field.module.css';

export function ColouredQuery({ query }: { query: string }) {
  return colours(query).map((piece) => (
    <span key={piece.at} className={style[piece.ink]}>
      {piece.text}
    </span>
  ));
}
