// Everything said between the customer and us, over all networks and cases, newest first.
import { useState } from 'react';
import type { Person } from '../api/types';
import { useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { network_name, t } from '../i18n/i18n';
import { absolute, date } from '../i18n/time_words';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Failed, Loading } from '../ui/state';
import style from './person_card.module.css';
import { usePersonPosts } from './person_data';

export function AllPosts({ person }: { person: Person }) {
  const [open, set_open] = useState(false);
  return (
    <>
      <Button look="quiet" onClick={() => set_open(true)}>
        {t('card.posts')}
      </Button>
      {open && <PostsDialog person={person} on_close={() => set_open(false)} />}
    </>
  );
}

function PostsDialog({ person, on_close }: { person: Person; on_close: () => void }) {
  const { ws } = useDesk();
  const posts = usePersonPosts(ws, person.id);
  const list = posts.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Dialog wide title={t('card.posts.title', { name: person.name })} on_close={on_close}>
      {posts.isPending && <Loading rows={4} />}
      {posts.error && <Failed error={posts.error} retry={() => void posts.refetch()} />}
      {posts.data && list.length === 0 && <p className={style.none}>{t('card.posts.none')}</p>}
      <ol className={style.posts}>
        {list.map((post) => (
          <li key={post.id} data-direction={post.direction}>
            <small title={absolute(post.at)}>
              {post.author} · {network_name(post.network)} ·{' '}
              {t(post.visibility === 'private' ? 'card.posts.private' : 'card.posts.public')} ·{' '}
              {date(post.at)} ·{' '}
              <Link to={inbox_path(ws, 'all', post.case_id)} onClick={on_close}>
                #{post.case_number}
              </Link>
            </small>
            <p>{post.deleted ? t('card.posts.deleted') : post.text}</p>
          </li>
        ))}
      </ol>
      {posts.hasNextPage && (
        <Button disabled={posts.isFetchingNextPage} onClick={() => void posts.fetchNextPage()}>
          {t('card.posts.more')}
        </Button>
      )}
    </Dialog>
  );
}
