// Actions, conditions and triggers in words.
import type { Action, Condition, Member, Team, Topic } from '../api/types';
import { network_name, t, t_or } from '../i18n/i18n';

export interface Names {
  members: readonly Member[];
  teams: readonly Team[];
  topics: readonly Topic[];
}
const comma = (): string => t('list.comma');

export function action_words(action: Action, names: Names): string {
  const member = (id: string | null | undefined): string =>
    names.members.find((one) => one.user_id === id)?.name ?? '…';
  const team = (id: string | null | undefined): string =>
    names.teams.find((one) => one.id === id)?.name ?? '…';
  switch (action.do) {
    case 'assign':
      return action.user_id ? t('deed.assign.to', { name: member(action.user_id) }) : t('deed.assign.nobody');
    case 'team':
      return action.team_id ? t('deed.team.to', { team: team(action.team_id) }) : t('deed.team.none');
    case 'escalate':
      return t('deed.escalate.to', { team: team(action.team_id) });
    case 'dismiss':
      return t('deed.dismiss.why', { reason: action.reason ?? '' });
    case 'snooze':
      return t('deed.snooze.for', { minutes: action.minutes ?? 0 });
    case 'priority':
      return t('deed.priority.to', { priority: t(`priority.${action.priority ?? 'normal'}`) });
    case 'add_tags':
      return t('deed.add_tags.which', { tags: (action.tags ?? []).join(comma()) });
    case 'remove_tags':
      return t('deed.remove_tags.which', { tags: (action.tags ?? []).join(comma()) });
    case 'note':
    case 'reply':
      return t(`deed.${action.do}.text`, { text: action.text ?? '' });
    case 'notify': {
      const who = [...(action.user_ids ?? []).map(member), ...(action.team_id ? [team(action.team_id)] : [])];
      return t('deed.notify.whom', { names: who.join(comma()) });
    }
    default:
      return t(`deed.${action.do}`);
  }
}

export function value_words({ field }: Condition, value: string, names: Names): string {
  if (field === 'assignee' || field === 'follower')
    return t_or(`cond.${field}.${value}`, names.members.find((one) => one.user_id === value)?.name ?? '…');
  if (field === 'team')
    return t_or(`cond.team.${value}`, names.teams.find((one) => one.id === value)?.name ?? '…');
  if (field === 'topic') return names.topics.find((one) => one.id === value)?.name ?? '…';
  if (field === 'network') return network_name(value);
  if (field === 'status') return t_or(`status.${value}`, value);
  if (field === 'priority') return t_or(`priority.${value}`, value);
  if (field === 'language') return t_or(`language.${value}`, value);
  return t_or(`cond.${field}.${value}`, value);
}
export function condition_words(condition: Condition, names: Names): string {
  const values = condition.values.map((value) => value_words(condition, value, names)).join(t('list.or'));
  return t(condition.not ? 'cond.is_not' : 'cond.is', { field: t(`cond.${condition.field}`), values });
}
