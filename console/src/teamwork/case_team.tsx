// Below the case's header, when there is something to say: whose queue it stands in, to whom it was escalated, who
// follows it.
import { patch } from '../api/client';
import { ws_path } from '../api/keys';
import type { CaseDetail, Escalation } from '../api/types';
import { useDesk, useMemberOf } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { show_why } from '../case/why_store';
import { t } from '../i18n/i18n';
import { absolute, clock_or_day } from '../i18n/time_words';
import { useNow } from '../i18n/use_now';
import { useChange } from '../settings/use_change';
import { Button } from '../ui/button';
import { Menu, MenuItem } from '../ui/menu';
import style from './case_team.module.css';
import { useCaseTeamwork, useTeams } from './queries';
import { useFollowing } from './use_following';

export function CaseTeam({ detail }: { detail: CaseDetail }) {
  const { ws } = useDesk();
  const teams = useTeams(ws).data;
  const following = useFollowing(detail.id);
  const escalations = useCaseTeamwork(ws, detail.id).data?.escalations ?? [];
  const team = teams?.items.find((one) => one.id === detail.team_id);
  const assignee = useMemberOf(detail.assignee_id);
  const away = teams?.work.find((one) => one.user_id === detail.assignee_id)?.away;
  const open = escalations.filter((one) => one.state === 'open');
  if (!(away && assignee) && !team && following.count === 0 && open.length === 0) return null;
  return (
    <div className={style.strip}>
      {away && assignee && <span className={style.away}>{t('case.away', { name: assignee.name })}</span>}
      {team && <Link to={inbox_path(ws, `team:${team.id}`)}>{t('case.team', { team: team.name })}</Link>}
      {following.count > 0 && (
        <Button look="quiet" className={style.mark} aria-pressed={following.on} onClick={following.toggle}>
          {t(following.on ? 'case.followed' : 'case.followers', { count: following.count })}
        </Button>
      )}
      {open.map((one) => (
        <EscalationMark key={one.id} escalation={one} />
      ))}
    </div>
  );
}

function EscalationMark({ escalation }: { escalation: Escalation }) {
  const { ws, can_act } = useDesk();
  const now = useNow();
  const { change, busy } = useChange(`teamwork ${escalation.case_id}`);
  const set = (state: string): void =>
    void change(() => patch(ws_path(ws, `/escalations/${escalation.id}`), { state }));
  const late = Date.parse(escalation.due_at) <= now;
  const words = t('case.escalated', {
    team: escalation.team,
    time: clock_or_day(escalation.due_at, now),
  });
  return (
    <span className={late ? style.late : undefined} title={absolute(escalation.due_at)}>
      <Menu
        trigger={
          <Button look="quiet" className={style.mark} disabled={busy}>
            {words}
            {escalation.tracker_status && ` (${escalation.tracker_status})`}
          </Button>
        }
      >
        <p className={style.why}>
          {t(escalation.creator ? 'escalation.why.by' : 'escalation.why', {
            name: escalation.creator,
            team: escalation.team,
            from: absolute(escalation.created_at),
            due: absolute(escalation.due_at),
          })}
          {escalation.note && <q>{escalation.note}</q>}
        </p>
        {escalation.promise && (
          <MenuItem on_select={() => show_why(escalation.case_id)}>{t('promise.why')}</MenuItem>
        )}
        {escalation.tracker_url && (
          <MenuItem on_select={() => window.open(escalation.tracker_url, '_blank', 'noopener,noreferrer')}>
            {t('escalation.tracker')}
          </MenuItem>
        )}
        {can_act && <MenuItem on_select={() => set('done')}>{t('escalation.done')}</MenuItem>}
        {can_act && <MenuItem on_select={() => set('withdrawn')}>{t('escalation.withdraw')}</MenuItem>}
      </Menu>
    </span>
  );
}
