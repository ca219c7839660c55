// The person's earlier cases, folded above the story.
import type { EarlierCase } from '../api/types';
import { useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { network_name, t } from '../i18n/i18n';
import { date } from '../i18n/time_words';
import style from './earlier_cases.module.css';

export function EarlierCases({ cases }: { cases: EarlierCase[] }) {
  const { ws } = useDesk();
  if (cases.length === 0) return null;
  return (
    <details className={style.box}>
      <summary>{t('case.earlier', { count: cases.length })}</summary>
      <ul>
        {cases.map((one) => (
          <li key={one.id}>
            <Link to={inbox_path(ws, 'all', one.id)}>{one.title || `#${one.number}`}</Link>
            <small className="num">
              {date(one.last_post_at)} · {network_name(one.network)} · {t(`status.${one.status}`)}
            </small>
          </li>
        ))}
      </ul>
    </details>
  );
}
