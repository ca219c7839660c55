// A person or a team, as one choice: "user ID" or "team ID".
import { useMembers } from '../api/queries';
import { at_least, useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { Choice } from '../ui/field';
import { useTeams } from './queries';

export function ReceiverChoice({
  label,
  value,
  on_change,
  people = true,
  teams = true,
  left_out,
  auto_focus,
}: {
  label: string;
  value: string;
  on_change: (value: string) => void;
  people?: boolean;
  teams?: boolean;
  left_out?: string;
  auto_focus?: boolean;
}) {
  const { ws } = useDesk();
  const members = (useMembers(ws).data ?? []).filter(
    (one) => at_least(one.role, 'agent') && one.user_id !== left_out,
  );
  const answer = useTeams(ws).data;
  return (
    <Choice
      label={label}
      value={value}
      required
      autoFocus={auto_focus}
      onChange={(event) => on_change(event.target.value)}
    >
      <option value="">{t('pick.choose')}</option>
      {teams && (
        <optgroup label={t('rail.teams')}>
          {answer?.items.map((team) => (
            <option key={team.id} value={`team ${team.id}`}>
              {team.name}
            </option>
          ))}
        </optgroup>
      )}
      {people && (
        <optgroup label={t('settings.members')}>
          {members.map((member) => (
            <option key={member.user_id} value={`user ${member.user_id}`}>
              {answer?.work.find((one) => one.user_id === member.user_id)?.away
                ? t('pick.away', { name: member.name })
                : member.name}
            </option>
          ))}
        </optgroup>
      )}
    </Choice>
  );
}
