// Who takes the case: a person, or a team.

import type { CaseAction } from '../api/case_actions';
import { useMembers } from '../api/queries';
import type { CaseRow, Id } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { selection } from '../inbox/selection';
import { useTeams } from '../teamwork/queries';
import { run_act } from '../teamwork/run_act';
import { Avatar } from '../ui/avatar';
import { Dialog } from '../ui/dialog';
import { PickList } from '../ui/pick_list';

export interface PickerProps {
  rows: CaseRow[];
  on_answer: (action: CaseAction) => void;
  on_close: () => void;
}
export function AssignPicker({ rows, on_answer, on_close, me }: PickerProps & { me: Id }) {
  const { ws, desk } = useDesk();
  const answer = useTeams(ws).data;
  const away = (id: Id): boolean => answer?.work.find((one) => one.user_id === id)?.away ?? false;
  const members = useMembers(ws).data?.filter((member) => at_least(member.role, 'agent')) ?? [];
  const sorted = members.toSorted((a, b) => rank(a.user_id, me, a.online) - rank(b.user_id, me, b.online));
  const picks = sorted.map((member) => ({
    id: member.user_id,
    label: member.name,
    words: `${member.email} ${member.initials}`,
    hint: away(member.user_id)
      ? t('pick.is_away')
      : member.user_id === me
        ? t('pick.me')
        : t(member.online ? 'pick.online' : 'pick.offline'),
    face: <Avatar name={member.name} initials={member.initials} size="small" />,
  }));
  for (const team of answer?.items ?? [])
    picks.push({
      id: `team ${team.id}`,
      label: team.name,
      words: t('rail.teams'),
      hint: t('pick.team'),
      face: <Avatar name={team.name} initials={[...team.name][0] ?? ''} size="small" />,
    });
  if (rows.some((row) => row.assignee_id))
    picks.push({ id: '', label: t('pick.nobody'), words: '', hint: '', face: <span /> });
  return (
    <Dialog bare title={t('pick.assign', { count: rows.length })} on_close={on_close}>
      <PickList
        picks={picks}
        label={t('pick.assign', { count: rows.length })}
        placeholder={t('pick.assign', { count: rows.length })}
        on_pick={(id) => {
          if (!id.startsWith('team ')) return on_answer({ kind: 'assign', user_id: id || null });
          on_close();
          selection.clear();
          const team_id = id.slice(5);
          void run_act(desk, { actions: [{ do: 'team', team_id }], case_ids: rows.map((row) => row.id) });
        }}
      />
    </Dialog>
  );
}
const rank = (id: Id, me: Id, online: boolean): number => (id === me ? 0 : online ? 1 : 2);
