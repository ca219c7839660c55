// The posts behind one number of the dashboard.
import { useInfiniteQuery } from '@tanstack/react-query';
import { call } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { BehindKind, BehindPost, Id, Page } from '../api/types';
import { mark_of, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { t } from '../i18n/i18n';
import { absolute } from '../i18n/time_words';
import { at_sign } from '../inbox/row';
import { Avatar } from '../ui/avatar';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Marked } from '../ui/marked';
import { Failed, Loading, State } from '../ui/state';
import style from './builder.module.css';

export interface Behind {
  topic: Id;
  from: string;
  to: string;
  kind?: BehindKind;
  value?: string;
  title: string;
}
export function BehindDialog({ behind, on_close }: { behind: Behind; on_close: () => void }) {
  const { ws } = useDesk();
  const list = useInfiniteQuery({
    queryKey: [...key.part(ws, 'behind'), behind],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ from: behind.from, to: behind.to });
      if (behind.kind) {
        query.set('kind', behind.kind);
        query.set('value', behind.value ?? '');
      }
      if (pageParam) query.set('cursor', pageParam);
      return call<Page<BehindPost>>(ws_path(ws, `/topics/${behind.topic}/posts?${query}`), { signal });
    },
    getNextPageParam: (page) => page.next_cursor,
  });
  const posts = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Dialog title={behind.title} wide on_close={on_close}>
      {list.isPending ? (
        <Loading rows={3} />
      ) : list.error && posts.length === 0 ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : posts.length === 0 ? (
        <State text={t('topic.behind.none')} />
      ) : (
        <ul className={style.behind}>
          {posts.map((post) => (
            <li key={post.post_id} className={style.post}>
              <Avatar name={post.name || post.handle || '?'} mark={mark_of(post.network)} />
              <div>
                <p className={style.who}>
                  <b>{post.name || post.handle}</b>
                  {post.handle && post.handle !== post.name && <em>{at_sign(post.handle)}</em>}
                  <time className="num" dateTime={post.at}>
                    {absolute(post.at)}
                  </time>
                </p>
                <p className={style.words}>
                  <Marked text={post.text} marks={post.marks} />
                </p>
                <p className={style.links}>
                  <span>{t(`status.${post.status}`)}</span>
                  <Link to={inbox_path(ws, 'all', post.case_id)}>{t('topic.open_case')}</Link>
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button look="quiet" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('search.more')}
        </Button>
      )}
    </Dialog>
  );
}
