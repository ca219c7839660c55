// Praise answered in one key: like, thanks, passing on. Only what the network offers, on the customer's newest post.
import { useQueryClient } from '@tanstack/react-query';
import { post } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { CaseDetail, Id, PostItem, Reply, ReplyState, Timeline } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { useCommand } from '../keys/commands';
import { announce, show_toast } from '../ui/toast_store';

const refused = (error: unknown): void => {
  show_toast({ text: 'toast.refused', tone: 'act', params: { why: words_of(error), number: '' } });
};
const stands = (state: ReplyState | null): boolean =>
  state !== null && state !== 'failed' && state !== 'cancelled';

// Sends a saved thank-you as the reply; it can be taken back like every other.
export function useThank(ws: Id, case_id: Id): (post_id: Id, account_id: Id) => void {
  const cache = useQueryClient();
  return (post_id, account_id) => {
    announce(t('announce.sending'));
    post<Reply>(ws_path(ws, `/posts/${post_id}/thank`), { account_id, request_id: crypto.randomUUID() })
      .then(() => show_toast({ text: 'toast.thanked', tone: 'plain' }, 4_000))
      .catch(refused)
      .finally(() => {
        void cache.invalidateQueries({ queryKey: key.timeline(ws, case_id) });
        void cache.invalidateQueries({ queryKey: key.case_detail(ws, case_id) });
      });
  };
}

export function usePositive(detail: CaseDetail | undefined): void {
  const { ws, can_act } = useDesk();
  const cache = useQueryClient();
  const thank = useThank(ws, detail?.id ?? '');
  const way = detail?.can_reply[0];
  const on = can_act && way !== undefined;
  const react = (name: 'like' | 'repost'): void => {
    if (!detail || !way) return;
    const timeline = key.timeline(ws, detail.id);
    const items = cache.getQueryData<Timeline>(timeline)?.items ?? [];
    const item = items.find((one): one is PostItem => one.type === 'post' && one.id === way.target_post_id);
    const done = stands(item ? (name === 'like' ? item.liked : item.reposted) : null);
    const action = done ? (`un${name}` as const) : name;
    post<Reply>(ws_path(ws, `/posts/${way.target_post_id}/${action}`), { account_id: way.account_id })
      .then(() => announce(t(`announce.${action}`)))
      .catch(refused)
      .finally(() => void cache.invalidateQueries({ queryKey: timeline }));
  };
  useCommand('like', () => react('like'), on && (way?.capabilities.like ?? false));
  useCommand(
    'repost',
    () => react('repost'),
    on && (way?.capabilities.repost ?? false) && way?.visibility === 'public',
  );
  useCommand('thank', () => way && thank(way.target_post_id, way.account_id), on);
}
