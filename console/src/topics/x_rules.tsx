// The query as rules for X, and what X cannot be asked.
import type { ParsedQuery } from '../api/types';
import { t, t_or } from '../i18n/i18n';
import style from './builder.module.css';

export function XRules({ x, query }: { x: NonNullable<ParsedQuery['x']>; query: string }) {
  return (
    <details className={style.more}>
      <summary>{t('topic.x')}</summary>
      <p>{t('topic.x.rules', { count: x.rules.length })}</p>
      {x.rules.map((rule) => (
        <pre key={rule} className={style.rule}>
          {rule}
        </pre>
      ))}
      <ul>
        {x.unsaid.map((part) => (
          <li key={`${part.code} ${part.start}`}>
            <b>{query.slice(part.start, part.end)}</b> {t_or(`query.export.${part.code}`, part.code)}
          </li>
        ))}
      </ul>
    </details>
  );
}
