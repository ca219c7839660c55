// Why a post was found: the topics, and which words of theirs stand where.
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { Id, Reason } from '../api/types';
import { useDesk } from '../app/desk';
import { Link } from '../app/link';
import { topic_path } from '../app/router';
import { t } from '../i18n/i18n';
import { Dialog } from '../ui/dialog';
import { Marked } from '../ui/marked';
import { Failed, Loading, State } from '../ui/state';
import style from './why.module.css';

export function WhyDialog({ post, text, on_close }: { post: Id; text: string; on_close: () => void }) {
  const { ws } = useDesk();
  const query = useQuery({
    queryKey: [...key.part(ws, 'why'), post],
    queryFn: async () => (await call<{ items: Reason[] }>(ws_path(ws, `/posts/${post}/why`))).items,
  });
  return (
    <Dialog title={t('why.title')} wide on_close={on_close}>
      {query.isPending ? (
        <Loading rows={2} />
      ) : query.error ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : query.data.length === 0 ? (
        <State text={t('why.none')} />
      ) : (
        query.data.map((reason) => (
          <section key={reason.topic_id} className={style.reason} aria-label={reason.name}>
            <h3>
              <Link to={topic_path(ws, reason.topic_id)}>{reason.name}</Link>
            </h3>
            {!reason.matches && <p className={style.past}>{t('why.past')}</p>}
            <p className={style.text}>
              <Marked
                text={text}
                marks={reason.terms.flatMap((term) => term.marks).sort((a, b) => a[0] - b[0])}
              />
            </p>
            <ul>
              {reason.terms.map((term) => (
                <li key={`${term.from}-${term.to}`}>
                  <code>{term.text}</code>
                  {term.marks.length === 0
                    ? t('why.fact')
                    : t('why.at', {
                        text: [...new Set(term.marks.map(([from, to]) => text.slice(from, to)))].join('、'),
                      })}
                </li>
              ))}
            </ul>
            <p className={style.query}>
              <Marked text={reason.query} marks={reason.terms.map((term) => [term.from, term.to])} />
            </p>
          </section>
        ))
      )}
    </Dialog>
  );
}
