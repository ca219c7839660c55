// Who takes the case.

import type { CaseAction } from '../api/case_actions';
import { useMembers } from '../api/queries';
import type { CaseRow, Id } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { Avatar } from '../ui/avatar';
import { Dialog } from '../ui/dialog';
import { PickList } from '../ui/pick_list';

export interface PickerProps {
  rows: CaseRow[];
  on_answer: (action: CaseAction) => void;
  on_close: () => void;
}
export function AssignPicker({ rows, on_answer, on_close, me }: PickerProps & { me: Id }) {
  const { ws } = useDesk();
  const members = useMembers(ws).data?.filter((member) => at_least(member.role, 'agent')) ?? [];
  const sorted = members.toSorted((a, b) => rank(a.user_id, me, a.online) - rank(b.user_id, me, b.online));
  const picks = sorted.map((member) => ({
    id: member.user_id,
    label: member.name,
    words: `${member.email} ${member.initials}`,
    hint: member.user_id === me ? t('pick.me') : t(member.online ? 'pick.online' : 'pick.offline'),
    face: <Avatar name={member.name} initials={member.initials} size="small" />,
  }));
  if (rows.some((row) => row.assignee_id))
    picks.push({ id: '', label: t('pick.nobody'), words: '', hint: '', face: <span /> });
  return (
    <Dialog bare title={t('pick.assign', { count: rows.length })} on_close={on_close}>
      <PickList
        picks={picks}
        label={t('pick.assign', { count: rows.length })}
        placeholder={t('pick.assign', { count: rows.length })}
        on_pick={(id) => on_answer({ kind: 'assign', user_id: id || null })}
      />
    </Dialog>
  );
}
const rank = (id: Id, me: Id, online: boolean): number => (id === me ? 0 : online ? 1 : 2);
