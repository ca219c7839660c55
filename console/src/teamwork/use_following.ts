// Do I follow this case? Followers hear of what happens to it.
import { useQueryClient } from '@tanstack/react-query';
import { put } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { CaseTeamwork, Id } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { announce, show_toast } from '../ui/toast_store';
import { useCaseTeamwork } from './queries';

export function useFollowing(case_id: Id) {
  const { ws, me } = useDesk();
  const cache = useQueryClient();
  const followers = useCaseTeamwork(ws, case_id).data?.followers ?? [];
  const on = followers.includes(me.id);
  const name = key.part(ws, `teamwork ${case_id}`);
  const toggle = (): void => {
    cache.setQueryData<CaseTeamwork>(
      name,
      (old) =>
        old && {
          ...old,
          followers: on ? old.followers.filter((id) => id !== me.id) : [...old.followers, me.id],
        },
    );
    const text = on ? 'follow.ended' : 'follow.begun';
    announce(t(text));
    put(ws_path(ws, `/cases/${case_id}/follow`), { on: !on })
      .then(() => show_toast({ text, tone: 'plain' }, 3_000))
      .catch((error) =>
        show_toast({ text: 'toast.refused', tone: 'act', params: { why: words_of(error), number: '' } }),
      )
      .finally(() => void cache.invalidateQueries({ queryKey: name }));
  };
  return { on, count: followers.length, toggle };
}
