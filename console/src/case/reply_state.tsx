// Where a reply is on its way: held (can still be taken back), leaving, sent, confirmed by the network, or failed.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { Id, PostItem, Reply, Timeline } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { colleague_answer, newest_of, posts_in } from '../composer/answered';
import { return_to_composer } from '../composer/returned';
import { network_name, t, t_or } from '../i18n/i18n';
import { absolute, ago } from '../i18n/time_words';
import { useQuickNow } from '../i18n/use_now';
import { new_request } from '../live/queue';
import { show_toast } from '../ui/toast_store';
import style from './reply_state.module.css';
import { useTimeline } from './use_timeline';

// Looked for in vain: only a person can say what became of it; true where the network takes a second try.
const takes_a_second_try: Record<string, boolean> = {
  maybe_sent: true,
  send_again: true,
  reply_in_doubt: false,
};

export function ReplyStateLine({ reply, item }: { reply: Reply; item: PostItem }) {
  const { ws, can_act } = useDesk();
  const cache = useQueryClient();
  const [busy, set_busy] = useState(false);
  const local = !/^\d/.test(reply.id);
  const put = (next: Reply): void => {
    cache.setQueryData<Timeline>(
      key.timeline(ws, reply.case_id),
      (old) =>
        old && {
          ...old,
          items: old.items.map((one) =>
            one.type === 'post' && one.id === item.id ? { ...one, reply: next } : one,
          ),
        },
    );
  };
  const ask = (verb: 'cancel' | 'retry', body?: { seen_post_id: Id }): void => {
    set_busy(true);
    post<Reply>(ws_path(ws, `/replies/${reply.id}/${verb}`), body)
      .then((next) => {
        put(next);
        if (verb === 'cancel' && next.state === 'cancelled')
          return_to_composer(reply.case_id, next.text ?? item.text, item.conversation_id, next.copy_to);
      })
      .catch((error) =>
        show_toast({
          text: 'toast.refused',
          tone: 'act',
          params: { why: words_of(error), number: '' },
        }),
      )
      .finally(() => {
        set_busy(false);
        void cache.invalidateQueries({ queryKey: key.timeline(ws, reply.case_id) });
      });
  };
  const settle = (arrived: boolean, seen?: { seen_post_id: Id }): void => {
    set_busy(true);
    post<Reply>(ws_path(ws, `/replies/${reply.id}/settle`), { arrived, request_id: new_request(), ...seen })
      .then((next) => {
        put(next);
        if (arrived) show_toast({ text: 'toast.settled.arrived', tone: 'plain' });
      })
      .catch((error) =>
        show_toast({ text: 'toast.refused', tone: 'act', params: { why: words_of(error), number: '' } }),
      )
      .finally(() => {
        set_busy(false);
        void cache.invalidateQueries({ queryKey: key.timeline(ws, reply.case_id) });
      });
  };
  const network = network_name(item.network);
  const why = reply.error_code ? t_or(`error.${reply.error_code}`, reply.error) : reply.error;
  const button = (label: string, verb: 'cancel' | 'retry') =>
    can_act && (
      <button type="button" disabled={busy || local} onClick={() => ask(verb)}>
        {label}
      </button>
    );
  const again = takes_a_second_try[reply.error_code];
  if (reply.state === 'unclear' && again !== undefined)
    return (
      <div className={`${style.line} ${style.warn}`} role="status">
        <span className={style.question}>{why}</span>
        {can_act && (
          <span className={style.choices}>
            <button type="button" disabled={busy} onClick={() => settle(true)}>
              {t('reply.it_arrived')}
            </button>
            {again && reply.error_code !== 'send_again' && (
              <SendAgain reply={reply} item={item} busy={busy} on_send={(seen) => settle(false, seen)} />
            )}
          </span>
        )}
      </div>
    );
  switch (reply.state) {
    case 'held':
      return (
        <div className={style.line}>
          <Countdown until={reply.held_until} />
          {button(t('reply.take_back'), 'cancel')}
        </div>
      );
    case 'failed':
    case 'unclear':
      return (
        <div className={`${style.line} ${reply.state === 'failed' ? style.act : style.warn}`} role="status">
          <span>
            {reply.state === 'failed'
              ? t(reply.error_code === 'not_arrived' ? 'reply.not_arrived' : 'reply.failed', {
                  why: (reply.error_code === 'not_arrived' ? reply.error : why) || t('reply.failed.unknown'),
                })
              : t('reply.unclear', { network })}
          </span>
          {reply.state === 'failed' && can_act && !local ? (
            <SendAgain reply={reply} item={item} busy={busy} on_send={(seen) => ask('retry', seen)} />
          ) : (
            button(t('reply.retry'), 'retry')
          )}
        </div>
      );
    case 'done_there':
      return (
        <div className={style.line}>
          {t('reply.done_there', { network })}
          {button(t('reply.take_back'), 'cancel')}
        </div>
      );
    case 'queued':
      return (
        <div className={style.line}>
          {reply.next_try_at && (reply.attempts > 0 || reply.error_code === 'paced')
            ? t('reply.again', { time: absolute(reply.next_try_at), why })
            : t(local ? 'reply.local' : 'reply.queued')}
        </div>
      );
    case 'confirmed':
      return (
        <div className={`${style.line} ${style.good}`} title={ago(reply.created_at, Date.now())}>
          {reply.receipt === 'read' || reply.receipt === 'delivered'
            ? t(`reply.receipt.${reply.receipt}`)
            : t('reply.confirmed', { network })}{' '}
          ✓
        </div>
      );
    default:
      return <div className={style.line}>{t(`reply.${reply.state}`, { network })}</div>;
  }
}

// What failed, or what a person says did not arrive, is sent again at once, unless a colleague has answered since: then
// both go out only when that is meant.
function SendAgain({
  reply,
  item,
  busy,
  on_send,
}: {
  reply: Reply;
  item: PostItem;
  busy: boolean;
  on_send: (seen?: { seen_post_id: Id }) => void;
}) {
  const { ws, me } = useDesk();
  const posts = posts_in(useTimeline(ws, reply.case_id).data?.items ?? []);
  const newest = newest_of(posts);
  const answer = colleague_answer(posts, item.id, me.id);
  return (
    <>
      {answer && <span>{t('reply.answered', { name: answer.author.name })}</span>}
      <button
        type="button"
        disabled={busy}
        onClick={() => on_send(newest ? { seen_post_id: newest } : undefined)}
      >
        {t(answer ? 'reply.retry_too' : 'reply.retry')}
      </button>
    </>
  );
}

function Countdown({ until }: { until: string | null }) {
  const now = useQuickNow();
  const left = until ? Math.max(0, Math.ceil((Date.parse(until) - now) / 1000)) : 0;
  return <span className="num">{left > 0 ? t('reply.held', { count: left }) : t('reply.queued')}</span>;
}
