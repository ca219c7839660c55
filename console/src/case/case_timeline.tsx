// The story of a case over all its conversations: stretches labelled with their place, context greyed, notes on
// yellow, facts as one line. Opens at its end and stays there while new things come, unless somebody reads above.
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { CaseDetail, Conversation, TimelineItem } from '../api/types';
import { useDesk } from '../app/desk';
import { network_name, t } from '../i18n/i18n';
import { day } from '../i18n/time_words';
import { useNow } from '../i18n/use_now';
import { item_key } from '../live/timeline_merge';
import { Button } from '../ui/button';
import { Failed, Loading } from '../ui/state';
import style from './case_timeline.module.css';
import { EarlierCases } from './earlier_cases';
import { Fact } from './fact';
import { Note } from './note';
import { PostBubble } from './post_bubble';
import { useTimeline } from './use_timeline';

export function CaseTimeline({ detail }: { detail: CaseDetail }) {
  const { ws } = useDesk();
  const timeline = useTimeline(ws, detail.id);
  const box = useRef<HTMLDivElement>(null);
  const at_end = useRef(true);
  const height_before = useRef(0);
  const [below, set_below] = useState(false);
  const now = useNow();
  const items = timeline.data?.items;
  const labels = items ? places(items, detail.conversations) : [];
  const last = items?.at(-1);
  const last_key = last ? item_key(last) : '';
  const first_key = items?.[0] ? item_key(items[0]) : '';
  useLayoutEffect(() => {
    const node = box.current;
    if (!node || !last_key) return;
    if (at_end.current) node.scrollTop = node.scrollHeight;
    else set_below(true);
  }, [last_key]);
  // Older items put on top must not move what is being read.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the first item changes
  useLayoutEffect(() => {
    const node = box.current;
    if (node && height_before.current > 0 && !at_end.current)
      node.scrollTop += node.scrollHeight - height_before.current;
    height_before.current = 0;
  }, [first_key]);
  // Pictures and the composer change heights after the first paint.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the box exists once the first page is here
  useEffect(() => {
    const node = box.current;
    if (!node) return;
    const watch = new ResizeObserver(() => {
      if (at_end.current) node.scrollTop = node.scrollHeight;
    });
    watch.observe(node);
    if (node.firstElementChild) watch.observe(node.firstElementChild);
    return () => watch.disconnect();
  }, [timeline.isPending]);
  const scroll = () => {
    const node = box.current!;
    at_end.current = node.scrollHeight - node.scrollTop - node.clientHeight < 40;
    if (at_end.current && below) set_below(false);
    if (node.scrollTop < 200 && timeline.data?.before && !timeline.loading_older) {
      height_before.current = node.scrollHeight;
      void timeline.load_older();
    }
  };
  const to_end = () => {
    at_end.current = true;
    set_below(false);
    box.current?.scrollTo({ top: box.current.scrollHeight, behavior: 'smooth' });
  };
  if (timeline.isPending)
    return (
      <div className={style.frame}>
        <Loading rows={4} />
      </div>
    );
  if (timeline.error && !items)
    return (
      <div className={style.frame}>
        <Failed error={timeline.error} retry={() => void timeline.refetch()} />
      </div>
    );
  return (
    <div className={style.frame}>
      <div
        ref={box}
        className={style.flow}
        onScroll={scroll}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t('timeline.label')}
      >
        <div className={style.inner}>
          <EarlierCases cases={detail.earlier} />
          {timeline.data?.before && (
            <p className={style.older}>
              <Button
                look="quiet"
                disabled={timeline.loading_older}
                onClick={() => void timeline.load_older()}
              >
                {t(timeline.loading_older ? 'state.loading' : 'timeline.older')}
              </Button>
            </p>
          )}
          {items?.map((item, n) => (
            <div key={item_key(item)} className={style.item}>
              {labels[n] && <div className={style.place}>{labels[n]}</div>}
              <Item item={item} detail={detail} now={now} />
            </div>
          ))}
        </div>
      </div>
      {below && (
        <button type="button" className={style.below} onClick={to_end}>
          {t('timeline.below')}
        </button>
      )}
    </div>
  );
}

function Item({ item, detail, now }: { item: TimelineItem; detail: CaseDetail; now: number }) {
  if (item.type === 'note') return <Note item={item} case_id={detail.id} now={now} />;
  if (item.type === 'fact') return <Fact item={item} case_id={detail.id} now={now} />;
  return <PostBubble item={item} detail={detail} now={now} />;
}

// A label where the place or the day changes; one pass, because a story can be long.
function places(items: readonly TimelineItem[], conversations: readonly Conversation[]): string[] {
  let last_day = '';
  let last_conversation = '';
  return items.map((item) => {
    const words: string[] = [];
    if (item.type === 'post' && item.conversation_id !== last_conversation) {
      last_conversation = item.conversation_id;
      const conversation = conversations.find((one) => one.id === item.conversation_id);
      const network = network_name(item.network);
      words.push(
        t(conversation?.visibility === 'private' ? 'timeline.private' : 'timeline.public', { network }),
      );
      if (conversation?.name) words.push(conversation.name);
    }
    const today = day(item.at);
    if (today !== last_day) words.push(today);
    last_day = today;
    return words.join(' · ');
  });
}
