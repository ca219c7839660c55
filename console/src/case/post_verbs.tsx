// Like, pass on, hide, delete, open on the network: only what the account can do here.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call, post } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { CaseDetail, PostItem, Reply, ReplyState, Timeline } from '../api/types';
import { words_of } from '../api/words_of';
import { useAccountOf, useDesk } from '../app/desk';
import { network_name, t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { show_toast } from '../ui/toast_store';
import pickers from './pickers.module.css';
import style from './post_verbs.module.css';
import { useThank } from './use_positive';

// A like, a repost, a hiding that was not taken back and did not fail.
export const is_standing = (state: ReplyState | null): boolean =>
  state !== null && state !== 'failed' && state !== 'cancelled';

export function PostVerbs({ item, detail }: { item: PostItem; detail: CaseDetail }) {
  const { ws, can_act } = useDesk();
  const cache = useQueryClient();
  const [asking, set_asking] = useState(false);
  const conversation = detail.conversations.find((one) => one.id === item.conversation_id);
  const own = useAccountOf(conversation?.account_id ?? detail.account_id);
  const way = detail.can_reply.find((one) => one.network === item.network);
  const capabilities = own?.kind === 'account' ? own.capabilities : way?.capabilities;
  const account_id = own?.kind === 'account' ? own.id : way?.account_id;
  const local = !/^\d/.test(item.id);
  const thank = useThank(ws, detail.id);
  if (item.deleted_at || local) return null;

  const set = (change: Partial<PostItem>): void => {
    cache.setQueryData<Timeline>(
      key.timeline(ws, detail.id),
      (old) =>
        old && {
          ...old,
          items: old.items.map((one) =>
            one.type === 'post' && one.id === item.id ? { ...one, ...change } : one,
          ),
        },
    );
  };
  const failed = (error: unknown): void => {
    set({
      liked: item.liked,
      reposted: item.reposted,
      hidden: item.hidden,
      deleted_at: item.deleted_at,
    });
    show_toast({
      text: 'toast.refused',
      tone: 'act',
      params: { why: words_of(error), number: '' },
    });
  };
  const verb = (name: 'like' | 'unlike' | 'repost' | 'unrepost' | 'hide' | 'unhide'): void => {
    const state: ReplyState = name.startsWith('un') ? 'cancelled' : 'queued';
    set(
      name.endsWith('like')
        ? { liked: state }
        : name.endsWith('hide')
          ? { hidden: state }
          : { reposted: state },
    );
    post<Reply>(ws_path(ws, `/posts/${item.id}/${name}`), { account_id }).catch(failed);
  };
  const drop = (): void => {
    set_asking(false);
    call<Reply>(ws_path(ws, `/posts/${item.id}`), { method: 'DELETE' })
      .then(() => show_toast({ text: 'toast.deleting', tone: 'plain' }))
      .catch(failed);
  };
  const liked = is_standing(item.liked);
  const reposted = is_standing(item.reposted);
  const hidden = is_standing(item.hidden);
  const theirs = item.direction !== 'out' && can_act && account_id;
  const url = /^https?:/.test(item.url) ? item.url : '';
  const on_network = item.reply === null || item.reply.state === 'sent' || item.reply.state === 'confirmed';
  return (
    <span className={`${style.verbs} ${liked || reposted || hidden ? style.kept : ''}`}>
      {theirs && capabilities?.like && (
        <button
          type="button"
          aria-pressed={liked}
          className={liked ? style.on : ''}
          aria-label={t('post.like')}
          title={t(liked ? 'post.unlike' : 'post.like')}
          onClick={() => verb(liked ? 'unlike' : 'like')}
        >
          <Icon name="heart" size={14} filled={liked} />
        </button>
      )}
      {theirs && capabilities?.like_closed && (
        <button
          type="button"
          aria-disabled
          aria-label={`${t('post.like')}: ${t(`like_closed.${capabilities.like_closed}`)}`}
          title={t(`like_closed.${capabilities.like_closed}`)}
        >
          <Icon name="heart" size={14} />
        </button>
      )}
      {theirs && capabilities?.repost && conversation?.visibility !== 'private' && (
        <button
          type="button"
          aria-pressed={reposted}
          className={reposted ? style.on : ''}
          aria-label={t('post.repost')}
          title={t(reposted ? 'post.unrepost' : 'post.repost')}
          onClick={() => verb(reposted ? 'unrepost' : 'repost')}
        >
          <Icon name="repost" size={15} />
        </button>
      )}
      {theirs && capabilities?.hide && item.reason === 'reply' && conversation?.visibility !== 'private' && (
        <button
          type="button"
          aria-pressed={hidden}
          className={hidden ? style.on : ''}
          aria-label={t('post.hide')}
          title={t(hidden ? 'post.unhide' : 'post.hide')}
          onClick={() => verb(hidden ? 'unhide' : 'hide')}
        >
          <Icon name="hide" size={15} />
        </button>
      )}
      {theirs && way && item.id === way.target_post_id && (
        <button
          type="button"
          aria-label={t('post.thank')}
          title={t('post.thank')}
          onClick={() => thank(item.id, account_id)}
        >
          <Icon name="gift" size={14} />
        </button>
      )}
      {url && (
        <a
          href={url}
          target="_blank"
          rel="noopener noreferrer nofollow"
          aria-label={t('post.open')}
          title={t('post.open')}
        >
          <Icon name="open" size={14} />
        </a>
      )}
      {item.direction === 'out' && can_act && capabilities?.delete_own && on_network && (
        <button
          type="button"
          aria-label={t('post.delete')}
          title={t('post.delete')}
          onClick={() => set_asking(true)}
        >
          <Icon name="trash" size={14} />
        </button>
      )}
      {asking && (
        <Dialog
          title={t('post.delete.title')}
          about={t('post.delete.about', { network: network_name(item.network) })}
          on_close={() => set_asking(false)}
        >
          <div className={pickers.row}>
            <Button onClick={() => set_asking(false)}>{t('action.cancel')}</Button>
            <Button look="danger" onClick={drop}>
              {t('post.delete')}
            </Button>
          </div>
        </Dialog>
      )}
    </span>
  );
}
