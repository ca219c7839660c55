// A small reward: choose a list, and a code is kept for this customer; it goes out with the reply.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '../api/client';
import { key, ws_path } from '../api/keys';
import { useRewardLists } from '../api/kit_queries';
import type { RewardList } from '../api/kit_types';
import type { Id, ReplyWay } from '../api/types';
import { words_of } from '../api/words_of';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Menu, MenuItem } from '../ui/menu';
import { show_toast } from '../ui/toast_store';

export function RewardMenu({
  ws,
  case_id,
  way,
  on_insert,
}: {
  ws: Id;
  case_id: Id;
  way: ReplyWay;
  on_insert: (variable: string) => void;
}) {
  const cache = useQueryClient();
  const lists = useRewardLists(ws).data ?? [];
  const [busy, set_busy] = useState(false);
  if (lists.length === 0) return null;
  const take = (list: RewardList): void => {
    set_busy(true);
    post<RewardList>(ws_path(ws, `/cases/${case_id}/rewards/${list.id}`), {
      target_post_id: way.target_post_id,
    })
      .then(() => on_insert(`{{reward:${list.key}}}`))
      .catch((error) =>
        show_toast({ text: 'toast.refused', tone: 'act', params: { why: words_of(error), number: '' } }),
      )
      .finally(() => {
        set_busy(false);
        void cache.invalidateQueries({ queryKey: key.part(ws, 'reward_lists') });
      });
  };
  return (
    <Menu
      trigger={
        <Button look="quiet" icon disabled={busy} aria-label={t('reward.insert')} title={t('reward.insert')}>
          <Icon name="gift" />
        </Button>
      }
    >
      {lists.map((list) => (
        <MenuItem
          key={list.id}
          disabled={list.free === 0 && list.reserved === 0}
          hint={t(list.is_low ? 'reward.low' : 'reward.left', { count: list.free })}
          on_select={() => take(list)}
        >
          {list.name}
        </MenuItem>
      ))}
    </Menu>
  );
}
