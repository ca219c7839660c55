// What the desk listens for: words and words that rule a post out, with what each topic found today.
import { useState } from 'react';
import { patch, remove } from '../api/client';
import { ws_path } from '../api/keys';
import { useTopics } from '../api/queries';
import type { Topic } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Failed, Loading, State } from '../ui/state';
import style from './settings.module.css';
import { TopicDialog } from './topic_dialog';
import { useChange } from './use_change';

export function Topics() {
  const { ws, role } = useDesk();
  const topics = useTopics(ws);
  const [editing, set_editing] = useState<Topic | 'new' | null>(null);
  const { change, busy } = useChange('topics');
  const may = at_least(role, 'lead');
  const one = (topic: Topic) => (
    <article key={topic.id} className={`${style.card} ${topic.enabled ? '' : style.off}`}>
      <header>
        <div>
          <b>{topic.name}</b>
          {!topic.enabled && <span className={style.meta}>{t('topics.paused')}</span>}
        </div>
        <p className={`${style.big} num`}>
          <strong>{topic.found_today}</strong>
          {t('topics.today')}
        </p>
      </header>
      <div className={style.chips}>
        {topic.keywords.map((word) => (
          <span key={word}>{word}</span>
        ))}
        {topic.excluded.map((word) => (
          <span key={word} className={style.not} title={t('field.excluded')}>
            − {word}
          </span>
        ))}
      </div>
      {may && (
        <div className={style.verbs}>
          <Button onClick={() => set_editing(topic)}>{t('action.edit')}</Button>
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
        </div>
      )}
    </article>
  );
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.topics')}</h2>
        {may && (
          <Button look="primary" onClick={() => set_editing('new')}>
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
          {...(may ? { action: { label: t('topics.add'), run: () => set_editing('new') } } : {})}
        />
      ) : (
        <div className={style.cards}>{topics.data.map(one)}</div>
      )}
      {editing && (
        <TopicDialog topic={editing === 'new' ? null : editing} on_close={() => set_editing(null)} />
      )}
    </>
  );
}
