// The rail's part for queues of teams and saved views.
import type { View } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path, settings_path, useRoute } from '../app/router';
import { plain_number, t } from '../i18n/i18n';
import style from '../inbox/rail.module.css';
import { useTeams, useViewCounts, useViews } from './queries';

export function RailViews() {
  const { ws, me, role } = useDesk();
  const route = useRoute();
  const here = route.page === 'inbox' ? route.view : null;
  const views = useViews(ws).data ?? [];
  const counts = useViewCounts(ws).data ?? [];
  // One's own teams; a lead sees all.
  const teams = (useTeams(ws).data?.items ?? []).filter(
    (team) => at_least(role, 'lead') || team.member_ids.includes(me.id),
  );
  const item = (to: View, name: string, count: string | undefined) => (
    <Link
      key={to}
      to={inbox_path(ws, to)}
      className={here === to ? style.on : undefined}
      aria-current={here === to ? 'page' : undefined}
      title={name}
    >
      <i className={style.letter} aria-hidden="true">
        {[...name][0]}
      </i>
      <b>{name}</b>
      {count !== undefined && <span className="num">{count}</span>}
    </Link>
  );
  const more = (cases: number, is_more: boolean): string => `${plain_number(cases)}${is_more ? '+' : ''}`;
  return (
    <>
      {teams.length > 0 && (
        <div className={style.nav}>
          <h2>{t('rail.teams')}</h2>
          {teams.map((team) =>
            item(`team:${team.id}`, team.name, more(team.open_cases, team.open_cases >= 1_000)),
          )}
        </div>
      )}
      <div className={style.nav}>
        <h2>{t('rail.views')}</h2>
        {views.map((view) => {
          const count = counts.find((one) => one.id === view.id);
          return item(`saved:${view.id}`, view.name, count && more(count.cases, count.more));
        })}
        <Link to={settings_path(ws, 'views')} className={style.add} title={t('rail.add_view')}>
          <b>{t('rail.add_view')}</b>
        </Link>
      </div>
    </>
  );
}
