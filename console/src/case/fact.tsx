import { useMembers } from '../api/queries';
import type { FactItem } from '../api/types';
import { useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { t } from '../i18n/i18n';
import { absolute, clock_or_day } from '../i18n/time_words';
import { useTeams } from '../teamwork/queries';
import style from './fact.module.css';
import { fact_words } from './fact_words';

export function Fact({ item, now }: { item: FactItem; now: number }) {
  const { ws } = useDesk();
  const members = useMembers(ws).data ?? [];
  const teams = useTeams(ws).data?.items ?? [];
  return (
    <p className={style.fact}>
      {fact_words(item, members, teams)}
      {item.kind === 'private.refused' && typeof item.data.case_id === 'string' && (
        <Link to={inbox_path(ws, 'all', item.data.case_id)}>{t('fact.private.refused.open')}</Link>
      )}
      <time className="num" dateTime={item.at} title={absolute(item.at)}>
        {clock_or_day(item.at, now)}
      </time>
    </p>
  );
}
