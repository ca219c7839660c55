// One post: from the customer, from us, or from somebody else in the thread (greyed).

import { lazy, Suspense, useState } from 'react';
import type { CaseDetail, PostItem } from '../api/types';
import { network_name, t, t_or } from '../i18n/i18n';
import { absolute, clock_or_day } from '../i18n/time_words';
import { at_sign } from '../inbox/row';
import { Attachments } from './attachments';
import style from './post_bubble.module.css';
import { PostText } from './post_text';
import { is_standing, PostVerbs } from './post_verbs';
import { ReplyStateLine } from './reply_state';
import { TriageWhy } from './triage_why';

const WhyDialog = lazy(() => import('../topics/why').then((part) => ({ default: part.WhyDialog })));
const reasons = ['mention', 'reply', 'quote', 'message', 'found'] as const;

export function PostBubble({ item, detail, now }: { item: PostItem; detail: CaseDetail; now: number }) {
  const ours = item.direction === 'out';
  const hidden = is_standing(item.hidden) && !item.deleted_at;
  const [asked, set_asked] = useState(false);
  const names = [
    style.post,
    ours && style.us,
    item.direction === 'context' && style.context,
    item.reply?.state === 'cancelled' && style.cancelled,
    hidden && style.hidden,
  ];
  const reason = reasons.find((one) => one === item.reason);
  const why =
    item.direction !== 'in' || !reason || reason === 'message'
      ? ''
      : reason === 'found' && item.topics.length > 0
        ? t('post.reason.found_by', { topics: item.topics.join(', ') })
        : t(`post.reason.${reason}`);
  return (
    <article
      className={names.filter(Boolean).join(' ')}
      aria-label={t('post.by', { name: item.author.name || item.author.handle })}
    >
      <div className={style.head}>
        <b>{item.author.name || at_sign(item.author.handle)}</b>
        {item.direction === 'context' && item.author.handle && <span>{at_sign(item.author.handle)}</span>}
        <time className="num" dateTime={item.at} title={absolute(item.at)}>
          {clock_or_day(item.at, now)}
        </time>
        {why && <span>{why}</span>}
        {item.direction === 'context' && <span>{t('post.context')}</span>}
        {item.reply_closed && !item.deleted_at && (
          <span>{t_or(`reply_closed.${item.reply_closed}.short`, t('reply_closed.short'))}</span>
        )}
        {hidden && (
          <span className={style.is_hidden}>
            {t(item.hidden === 'confirmed' ? 'post.hidden' : 'post.hiding', {
              network: network_name(item.network),
            })}
          </span>
        )}
        {item.edited_at && <span title={absolute(item.edited_at)}>{t('post.edited')}</span>}
        {item.direction === 'in' && item.topics.length > 0 && !item.deleted_at && (
          <button type="button" className={style.why} onClick={() => set_asked(true)}>
            {t('why.ask')}
          </button>
        )}
        {item.direction === 'in' && !item.deleted_at && <TriageWhy post_id={item.id} />}
      </div>
      <div className={style.line}>
        {item.deleted_at ? (
          <div className={`${style.bubble} ${style.deleted}`}>
            {t('post.deleted', { time: clock_or_day(item.deleted_at, now) })}
          </div>
        ) : (
          <div className={style.bubble} lang={item.language || undefined}>
            <PostText item={item} />
            <Attachments items={item.attachments} />
          </div>
        )}
        <PostVerbs item={item} detail={detail} />
      </div>
      {asked && (
        <Suspense fallback={null}>
          <WhyDialog post={item.id} text={item.text} on_close={() => set_asked(false)} />
        </Suspense>
      )}
      {item.reply && <ReplyStateLine reply={item.reply} item={item} />}
    </article>
  );
}
