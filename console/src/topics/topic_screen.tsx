// One topic: its dashboard, or the place where it is built.
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { call } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { Id, Topic } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path, settings_path, topic_path } from '../app/router';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Failed, Loading, State } from '../ui/state';
import { Builder } from './builder';
import { Dashboard } from './dashboard';
import style from './topic_screen.module.css';

interface Props {
  id: Id | null;
  edit: boolean;
  on_menu: () => void;
}
export default function TopicScreen({ id, edit, on_menu }: Props) {
  const { ws, role } = useDesk();
  const query = useQuery({
    queryKey: [...key.part(ws, 'topic'), id],
    enabled: id !== null,
    queryFn: () => call<Topic>(ws_path(ws, `/topics/${id}`)),
  });
  const topic = query.data;
  const may = at_least(role, 'lead');
  const title = id === null ? t('topics.add') : (topic?.name ?? t('settings.topics'));
  useEffect(() => {
    document.title = `${title} · Kikimimi`;
  }, [title]);
  return (
    <main className={style.screen}>
      <header className={style.bar}>
        <Button look="quiet" icon className={style.menu} aria-label={t('rail.open')} onClick={on_menu}>
          <Icon name="menu" />
        </Button>
        <div className={style.titles}>
          <Link to={settings_path(ws, 'topics')}>{t('settings.topics')}</Link>
          <h1>{title}</h1>
        </div>
        {id !== null && (
          <nav className={style.tabs} aria-label={title}>
            <Link to={topic_path(ws, id)} aria-current={edit ? undefined : 'page'}>
              {t('topic.dashboard')}
            </Link>
            {may && !topic?.archived_at && (
              <Link to={topic_path(ws, id, true)} aria-current={edit ? 'page' : undefined}>
                {t('action.edit')}
              </Link>
            )}
            <Link to={inbox_path(ws, 'all', null, id)}>{t('topic.cases')}</Link>
          </nav>
        )}
      </header>
      <div className={style.page}>
        {edit && !may ? (
          <State title={t('state.forbidden.title')} text={t('state.forbidden.text')} />
        ) : id === null ? (
          <Builder topic={null} />
        ) : query.error && !topic ? (
          <Failed error={query.error} retry={() => void query.refetch()} />
        ) : !topic ? (
          <Loading rows={4} />
        ) : edit ? (
          <Builder key={topic.id} topic={topic} />
        ) : (
          <Dashboard key={topic.id} topic={topic.id} />
        )}
      </div>
    </main>
  );
}
