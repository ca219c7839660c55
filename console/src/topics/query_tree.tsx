// A query as a tree in words: what must be there, what may, what must not. The words come with the server's answer.
import type { QueryPart } from '../api/types';
import { t_or } from '../i18n/i18n';
import style from './builder.module.css';

export function QueryTree({ part, inner = false }: { part: QueryPart; inner?: boolean }) {
  const words = t_or(part.key, part.key, part.values);
  if (part.children.length === 0) return <span className={style.leaf}>{words}</span>;
  const flat = part.children.every((child) => child.children.length === 0);
  return (
    <div className={`${style.branch} ${inner ? style.inner : ''}`}>
      <span className={style.joint}>{words}</span>
      <ul className={flat ? style.leaves : style.branches}>
        {part.children.map((child) => (
          <li key={`${child.start}-${child.end}-${child.key}`}>
            <QueryTree part={child} inner />
          </li>
        ))}
      </ul>
    </div>
  );
}
