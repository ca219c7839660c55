// The stored posts that the query would have caught: how many, and the newest with what matched.
import type { Mutes, PreviewPost, TopicPreview } from '../api/types';
import { mark_of, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { t } from '../i18n/i18n';
import { absolute, ago } from '../i18n/time_words';
import { useNow } from '../i18n/use_now';
import { at_sign } from '../inbox/row';
import { Avatar } from '../ui/avatar';
import { Button } from '../ui/button';
import { Marked } from '../ui/marked';
import { Failed, Loading, State } from '../ui/state';
import style from './builder.module.css';

interface Props {
  query: string;
  wrong: boolean;
  answer: TopicPreview | undefined;
  error: unknown;
  waiting: boolean;
  muted: Mutes;
  on_mute: (post: PreviewPost) => void;
  retry: () => void;
}
export function Preview({ query, wrong, answer, error, waiting, muted, on_mute, retry }: Props) {
  const { ws } = useDesk();
  const now = useNow();
  const is_muted = (post: PreviewPost) => muted.authors.some((author) => author.id === post.author_id);
  return (
    <section className={style.preview} aria-label={t('topic.preview')} aria-busy={waiting}>
      <header>
        <h2>{t('topic.preview')}</h2>
        <p className={`${style.count} num`} role="status">
          {query === '' || !answer
            ? ''
            : answer.complete
              ? t('topic.preview.count', { count: answer.posts })
              : t('topic.preview.about', { count: answer.estimate, looked_at: answer.looked_at })}
        </p>
      </header>
      {query === '' ? (
        <State art="ear" text={t(wrong ? 'topic.preview.mistake' : 'topic.preview.begin')} />
      ) : error && !answer ? (
        <Failed error={error} retry={retry} />
      ) : !answer ? (
        <Loading rows={4} />
      ) : answer.items.length === 0 ? (
        <State title={t('topic.preview.none.title')} text={t('topic.preview.none.text')} />
      ) : (
        <ul className={waiting ? style.old : undefined}>
          {answer.items.map((post) => (
            <li key={post.post_id} className={style.post}>
              <Avatar name={post.name || post.handle || '?'} mark={mark_of(post.network)} />
              <div>
                <p className={style.who}>
                  <b>{post.name || post.handle}</b>
                  {post.handle && post.handle !== post.name && <em>{at_sign(post.handle)}</em>}
                  <time className="num" dateTime={post.at} title={absolute(post.at)}>
                    {ago(post.at, now)}
                  </time>
                </p>
                <p className={style.words}>
                  <Marked text={post.text} marks={post.marks} />
                </p>
                <p className={style.links}>
                  <span>{t(`status.${post.status}`)}</span>
                  {post.is_new && <span className={style.fresh}>{t('topic.preview.new')}</span>}
                  <Link to={inbox_path(ws, 'all', post.case_id)}>{t('topic.open_case')}</Link>
                  {post.author_id && !is_muted(post) && (
                    <Button look="quiet" onClick={() => on_mute(post)}>
                      {t('topic.mute')}
                    </Button>
                  )}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
