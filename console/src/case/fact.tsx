// One line of what happened; why, where a click can tell.
import { useMembers } from '../api/queries';
import type { FactItem, Id } from '../api/types';
import { useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { t } from '../i18n/i18n';
import { absolute, clock_or_day } from '../i18n/time_words';
import { useRules, useTeams } from '../teamwork/queries';
import style from './fact.module.css';
import { fact_words } from './fact_words';
import { show_why } from './why_store';

export function Fact({ item, case_id, now }: { item: FactItem; case_id: Id; now: number }) {
  const { ws } = useDesk();
  const members = useMembers(ws).data ?? [];
  const teams = useTeams(ws).data?.items ?? [];
  const rules = useRules(ws, String(item.data.by).startsWith('rule:')).data ?? [];
  return (
    <p className={style.fact}>
      {fact_words(item, { members, teams, rules })}
      {item.kind.startsWith('promise.') && (
        <button type="button" className={style.why} onClick={() => show_why(case_id)}>
          {t('fact.why')}
        </button>
      )}
      {item.kind === 'private.refused' && typeof item.data.case_id === 'string' && (
        <Link to={inbox_path(ws, 'all', item.data.case_id)}>{t('fact.private.refused.open')}</Link>
      )}
      <time className="num" dateTime={item.at} title={absolute(item.at)}>
        {clock_or_day(item.at, now)}
      </time>
    </p>
  );
}
