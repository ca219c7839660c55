import { useMembers } from '../api/queries';
import type { BuiltInView, View } from '../api/types';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { useTeams, useViews } from './queries';

export function useViewTitle(view: View): string {
  const { ws } = useDesk();
  const views = useViews(ws).data;
  const members = useMembers(ws).data;
  const teams = useTeams(ws).data?.items;
  const id = view.slice(view.indexOf(':') + 1);
  if (view.startsWith('saved:')) return views?.find((one) => one.id === id)?.name ?? '…';
  if (view.startsWith('team:')) return teams?.find((one) => one.id === id)?.name ?? '…';
  if (view.startsWith('member:'))
    return t('view.member', { name: members?.find((one) => one.user_id === id)?.name ?? '…' });
  return t(`view.${view as BuiltInView | 'due:overdue' | 'due:soon' | 'due:failed'}`);
}
