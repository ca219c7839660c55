// Do I follow this case? Followers hear of what happens to it.
import { useQueryClient } from '@tanstack/react-query';
import { key, ws_path } from '../api/keys';
import type { CaseTeamwork, Id } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { send_or_keep } from '../live/queue';
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
    send_or_keep({ path: ws_path(ws, `/cases/${case_id}/follow`), method: 'PUT', body: { on: !on } })
      .then((answer) => show_toast({ text: answer === 'later' ? 'toast.waits' : text, tone: 'plain' }, 3_000))
      .catch((error) =>
        show_toast({ text: 'toast.refused', tone: 'act', params: { why: words_of(error), number: '' } }),
      )
      .finally(() => void cache.invalidateQueries({ queryKey: name }));
  };
  return { on, count: followers.length, toggle };
}
