// What the desk listens for: each topic with its query and what it found today; the archived ones below.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, patch, post, remove } from '../api/client';
import { key, ws_path } from '../api/keys';
import { useTopics } from '../api/queries';
import type { Topic } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { go, inbox_path, topic_path } from '../app/router';
import { plain_number, t } from '../i18n/i18n';
import { ColouredQuery } from '../topics/coloured_query';
import { Button } from '../ui/button';
import { Failed, Loading, State } from '../ui/state';
import style from './settings.module.css';
import { useChange } from './use_change';

export function Topics() {
  const { ws, role } = useDesk();
  const topics = useTopics(ws);
  const { change, busy } = useChange('topics', 'archived_topics', 'topic');
  const may = at_least(role, 'lead');
  const add = () => go(topic_path(ws, null));
  const one = (topic: Topic) => (
    <article key={topic.id} className={`${style.card} ${topic.enabled ? '' : style.off}`}>
      <header>
        <div>
          <b>
            <Link to={topic_path(ws, topic.id)}>{topic.name}</Link>
          </b>
          {topic.is_competitor && <span className={style.meta}>{t('topic.competitor')}</span>}
          {!topic.enabled && <span className={style.meta}>{t('topics.paused')}</span>}
        </div>
        <Link
          to={inbox_path(ws, 'all', null, topic.id)}
          className={`${style.big} num`}
          title={t('rail.found_today', { count: topic.found_today })}
        >
          <strong>{plain_number(topic.found_today)}</strong>
          {t('topics.today')}
        </Link>
      </header>
      <p className={style.query}>
        <ColouredQuery query={topic.query} />
      </p>
      <div className={style.verbs}>
        <Button onClick={() => go(topic_path(ws, topic.id))}>{t('topic.dashboard')}</Button>
        {may && (
          <>
            <Button onClick={() => go(topic_path(ws, topic.id, true))}>{t('action.edit')}</Button>
            <Button
              disabled={busy}
              onClick={() =>
                void change(() => patch(ws_path(ws, `/topics/${topic.id}`), { enabled: !topic.enabled }))
              }
            >
              {t(topic.enabled ? 'accounts.pause' : 'accounts.resume')}
            </Button>
            <Button
              look="quiet"
              disabled={busy}
              onClick={() => void change(() => remove(ws_path(ws, `/topics/${topic.id}`)))}
            >
              {t('topics.archive')}
            </Button>
          </>
        )}
      </div>
    </article>
  );
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.topics')}</h2>
        {may && (
          <Button look="primary" onClick={add}>
            {t('topics.add')}
          </Button>
        )}
      </div>
      <p className={style.about}>{t('topics.about')}</p>
      {topics.isPending ? (
        <Loading rows={2} />
      ) : topics.error ? (
        <Failed error={topics.error} retry={() => void topics.refetch()} />
      ) : topics.data.length === 0 ? (
        <State
          art="ear"
          title={t('topics.none.title')}
          text={t('topics.none.text')}
          {...(may ? { action: { label: t('topics.add'), run: add } } : {})}
        />
      ) : (
        <div className={style.cards}>{topics.data.map(one)}</div>
      )}
      <Archived />
    </>
  );
}

function Archived() {
  const { ws, role } = useDesk();
  const [open, set_open] = useState(false);
  const { change, busy } = useChange('topics', 'archived_topics', 'topic');
  const list = useQuery({
    queryKey: key.part(ws, 'archived_topics'),
    enabled: open,
    queryFn: async () => (await call<{ items: Topic[] }>(ws_path(ws, '/topics?archived=true'))).items,
  });
  return (
    <details className={style.archived} onToggle={(event) => set_open(event.currentTarget.open)}>
      <summary>{t('topics.archived')}</summary>
      <p className={style.about}>{t('topics.archived.about')}</p>
      {open && list.isPending ? (
        <Loading rows={1} />
      ) : list.error ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : (
        <ul>
          {list.data?.length === 0 && <li>{t('topics.archived.none')}</li>}
          {list.data?.map((topic) => (
            <li key={topic.id}>
              <Link to={topic_path(ws, topic.id)}>{topic.name}</Link>
              {at_least(role, 'lead') && (
                <Button
                  disabled={busy}
                  onClick={() => void change(() => post(ws_path(ws, `/topics/${topic.id}/restore`)))}
                >
                  {t('topics.restore')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}
