// What the desk has to tell: notices, newest first, and the alarms of the topics with their rules.
import { useEffect, useState } from 'react';
import { post } from '../api/client';
import { ws_path } from '../api/keys';
import { useNotices, useTopics } from '../api/queries';
import type { Notice, Topic } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { t } from '../i18n/i18n';
import { absolute, ago } from '../i18n/time_words';
import { useNow } from '../i18n/use_now';
import style from '../settings/settings.module.css';
import frame from '../settings/settings_screen.module.css';
import { useChange } from '../settings/use_change';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Failed, Loading, State } from '../ui/state';
import { AlarmList } from './alarm_list';
import { AlarmRulesDialog } from './alarm_rules_dialog';
import { Severity } from './severity';

const words_of_notice = (notice: Notice) => ({
  topic: notice.data.topic ?? '',
  posts: notice.data.posts ?? 0,
  minutes: notice.data.minutes ?? 0,
  usual: notice.data.usual ?? 0,
  by: String(notice.data.by ?? ''),
  // Nothing is left of what that customer wrote.
  name:
    notice.data.of_customer && !notice.data.name
      ? t('notices.customer_gone')
      : String(notice.data.name ?? ''),
  number: Number(notice.data.number ?? 0),
  team: String(notice.data.team ?? ''),
  rule: String(notice.data.rule ?? ''),
  text: String(notice.data.text ?? ''),
  note: notice.data.note ?? '',
  account: notice.data.account ?? '',
  list: notice.data.list ?? '',
  free: notice.data.free ?? 0,
});

export default function NoticesScreen({ on_menu }: { on_menu: () => void }) {
  const { ws } = useDesk();
  const notices = useNotices(ws);
  const { change, busy } = useChange('notices');
  const now = useNow();
  useEffect(() => {
    document.title = `${t('notices.title')} · Kikimimi`;
  }, []);
  const newest = notices.data?.items[0];
  const one = (notice: Notice) => {
    const words = words_of_notice(notice);
    return (
      <article key={notice.id} className={style.card}>
        <header>
          <div>
            {notice.data.path ? (
              <Link to={`/w/${encodeURIComponent(ws)}${notice.data.path}`}>
                <b>{t(`notice.${notice.kind}.title`, words)}</b>
              </Link>
            ) : (
              <b>{t(`notice.${notice.kind}.title`, words)}</b>
            )}
            {!notice.read && <span className={style.meta}>{t('notices.new')}</span>}
          </div>
          <time
            className={`${style.meta} num`}
            dateTime={notice.created_at}
            title={absolute(notice.created_at)}
          >
            {ago(notice.created_at, now)}
          </time>
        </header>
        <p>{t(`notice.${notice.kind}.text`, words)}</p>
        <Severity of={notice.severity} />
      </article>
    );
  };
  return (
    <main className={frame.page}>
      <div className={frame.inner}>
        <div className={style.title}>
          <h2>
            <Button look="quiet" icon className={frame.menu} aria-label={t('rail.open')} onClick={on_menu}>
              <Icon name="menu" />
            </Button>
            {t('notices.title')}
          </h2>
          {newest && (notices.data?.unread ?? 0) > 0 && (
            <Button
              disabled={busy}
              onClick={() => void change(() => post(ws_path(ws, `/notices/${newest.id}/read`)))}
            >
              {t('notices.mark_read')}
            </Button>
          )}
        </div>
        {notices.isPending ? (
          <Loading rows={3} />
        ) : notices.error ? (
          <Failed error={notices.error} retry={() => void notices.refetch()} />
        ) : notices.data.items.length === 0 ? (
          <State art="ear" title={t('notices.none.title')} text={t('notices.none.text')} />
        ) : (
          <div className={style.cards}>{notices.data.items.map(one)}</div>
        )}
        <Alarms />
      </div>
    </main>
  );
}

function Alarms() {
  const { ws, role } = useDesk();
  const topics = useTopics(ws).data ?? [];
  const [editing, set_editing] = useState<Topic | null>(null);
  return (
    <>
      <h3 className={style.sub}>{t('alarms.title')}</h3>
      <AlarmList />
      {topics.length > 0 && at_least(role, 'lead') && (
        <>
          <h3 className={style.sub}>{t('alarms.rules')}</h3>
          <div className={style.verbs}>
            {topics.map((topic) => (
              <Button key={topic.id} onClick={() => set_editing(topic)}>
                {topic.name}
              </Button>
            ))}
          </div>
        </>
      )}
      {editing && (
        <AlarmRulesDialog topic={editing.id} name={editing.name} on_close={() => set_editing(null)} />
      )}
    </>
  );
}
