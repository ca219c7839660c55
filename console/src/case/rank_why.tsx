// Why the case stands where it does in the list: what was promised, and every reason with its minutes.
import { useCase } from '../api/queries';
import type { Id } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { settings_path } from '../app/router';
import { t } from '../i18n/i18n';
import { rank_base, rank_reason } from '../i18n/rank_words';
import { absolute } from '../i18n/time_words';
import style from './promise_why.module.css';

export function RankWhy({ id }: { id: Id }) {
  const { ws, role } = useDesk();
  const row = useCase(ws, id).data;
  if (!row?.rank_at) return null;
  return (
    <section className={style.promise} aria-label={t('rank.why')}>
      <h3>{t('rank.why')}</h3>
      <p>{rank_base(row)}</p>
      {row.rank_why.length === 0 ? (
        <p>{t('rank.nothing')}</p>
      ) : (
        <>
          <ol>
            {row.rank_why.map((one) => (
              <li key={one.key}>{rank_reason(one)}</li>
            ))}
          </ol>
          <p>{t('rank.stands', { time: absolute(row.rank_at) })}</p>
        </>
      )}
      {at_least(role, 'lead') && <Link to={settings_path(ws, 'order')}>{t('rank.tune')}</Link>}
    </section>
  );
}
