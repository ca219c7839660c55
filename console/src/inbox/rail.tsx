// The rail: views with live counts, topics, team places, and who I am. On a phone it slides over the list.
import { useCounts, useNotices, useTopics } from '../api/queries';
import type { BuiltInView } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { approvals_path, inbox_path, notices_path, settings_path, topic_path, useRoute } from '../app/router';
import { plain_number, t } from '../i18n/i18n';
import { RailViews } from '../teamwork/rail_views';
import { Icon } from '../ui/icon';
import style from './rail.module.css';
import { RailMe } from './rail_me';
import { WorkspaceSwitch } from './workspace_switch';

const work: BuiltInView[] = ['now', 'mine', 'found', 'purchase', 'waiting', 'snoozed', 'watched'];
const done: BuiltInView[] = ['resolved', 'dismissed', 'all'];
const marks: Record<BuiltInView, string> = {
  folded: 'M3 5h10M5 8.5h6M7 12h2',
  now: 'M8 2.5v5l3.2 2M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z',
  mine: 'M8 8a2.6 2.6 0 1 0 0-5.2A2.6 2.6 0 0 0 8 8Zm-5 5.4c.5-2.2 2.5-3.4 5-3.4s4.5 1.2 5 3.4',
  found: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm3.3-1.2L14 14',
  waiting: 'M3 4h10v7H7l-3 2.5V11H3z',
  snoozed: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5Z',
  watched:
    'M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8Zm6.5 1.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6Z',
  purchase: 'M2 3h1.8l1.4 7h6.6l1.4-5H4.4M6 13.2h.01M11 13.2h.01',
  opinions: 'M2.5 3.5h8v5.5h-5L2.5 11zM6 11.5h5l2.5 2V7.5h-2',
  resolved: 'm3 8.5 3.2 3L13 4.5',
  dismissed: 'M4 8h8',
  all: 'M2.5 4.5h11m-11 3.5h11m-11 3.5h11',
};

interface Props {
  open: boolean;
  on_close: () => void;
  on_commands: () => void;
  on_help: () => void;
}
export function Rail({ open, on_close, on_commands, on_help }: Props) {
  const { ws, role } = useDesk();
  const route = useRoute();
  const counts = useCounts(ws).data;
  const topics = useTopics(ws).data?.filter((topic) => topic.enabled) ?? [];
  const here = route.page === 'inbox' ? route : null;
  const item = (view: BuiltInView) => {
    const count = counts && view in counts ? counts[view as keyof typeof counts] : undefined;
    const on = here?.view === view && !here.topic;
    const hot = view === 'now' && (counts?.overdue ?? 0) > 0;
    return (
      <Link
        key={view}
        to={inbox_path(ws, view)}
        className={on ? style.on : undefined}
        aria-current={on ? 'page' : undefined}
        title={t(`view.${view}`)}
      >
        <Glyph path={marks[view]} />
        <b>{t(`view.${view}`)}</b>
        {count !== undefined && (
          <span
            className={`num ${hot ? style.hot : ''}`}
            title={hot ? t('rail.overdue', { count: counts?.overdue ?? 0 }) : undefined}
          >
            {plain_number(count)}
          </span>
        )}
      </Link>
    );
  };
  const unread = useNotices(ws).data?.unread ?? 0;
  const failures = counts?.journal_failures ?? 0;
  return (
    <>
      {open && (
        <button type="button" className={style.veil} aria-label={t('action.close')} onClick={on_close} />
      )}
      <nav className={`${style.rail} ${open ? style.open : ''}`} aria-label={t('rail.label')}>
        <WorkspaceSwitch />
        <div className={style.nav}>
          <h2>{t('rail.inbox')}</h2>
          {work.map(item)}
          {((counts?.opinions ?? 0) > 0 || here?.view === 'opinions') && item('opinions')}
          {((counts?.folded ?? 0) > 0 || here?.view === 'folded') && item('folded')}
          <Link
            to={approvals_path(ws)}
            className={route.page === 'approvals' ? style.on : undefined}
            aria-current={route.page === 'approvals' ? 'page' : undefined}
            title={t('approvals.title')}
          >
            <Glyph path="M2.5 3.5h11v7h-6L4.5 13v-2.5h-2zM5.5 7l1.8 1.7L10.5 5.5" />
            <b>{t('approvals.title')}</b>
            {counts !== undefined && <span className="num">{plain_number(counts.approvals)}</span>}
          </Link>
        </div>
        <RailViews />
        <div className={style.nav}>
          <h2>{t('rail.done')}</h2>
          {done.map(item)}
        </div>
        <div className={style.nav}>
          <Link
            to={notices_path(ws)}
            className={route.page === 'notices' ? style.on : undefined}
            aria-current={route.page === 'notices' ? 'page' : undefined}
            title={t('notices.title')}
          >
            <span className={style.glyph}>
              <Icon name="bell" />
            </span>
            <b>{t('notices.title')}</b>
            {unread > 0 && (
              <span className={`num ${style.hot}`} title={t('notices.unread', { count: unread })}>
                {plain_number(unread)}
              </span>
            )}
          </Link>
        </div>
        <div className={style.nav}>
          <h2>{t('rail.topics')}</h2>
          {topics.map((topic) => {
            const on = here?.topic === topic.id;
            return (
              <Link
                key={topic.id}
                to={inbox_path(ws, 'all', null, topic.id)}
                className={on ? style.on : undefined}
                aria-current={on ? 'page' : undefined}
                title={topic.name}
              >
                <i className={style.letter} aria-hidden="true">
                  {[...topic.name][0]}
                </i>
                <b>{topic.name}</b>
                <span className="num" title={t('rail.found_today', { count: topic.found_today })}>
                  {plain_number(topic.found_today)}
                </span>
              </Link>
            );
          })}
          {at_least(role, 'lead') && (
            <Link
              to={topics.length === 0 ? topic_path(ws, null) : settings_path(ws, 'topics')}
              className={style.add}
              title={t('rail.add_topic')}
            >
              <Icon name="plus" size={13} />
              <b>{t(topics.length === 0 ? 'rail.first_topic' : 'rail.add_topic')}</b>
            </Link>
          )}
        </div>
        <div className={style.foot}>
          {failures > 0 && at_least(role, 'administrator') && (
            <Link to={settings_path(ws, 'journal')} className={style.warning}>
              {t('rail.journal', { count: failures })}
            </Link>
          )}
          {(counts?.failed_replies ?? 0) > 0 && (
            <Link to={inbox_path(ws, 'due:failed')} className={style.warning}>
              {t('rail.failed_replies', { count: counts?.failed_replies ?? 0 })}
            </Link>
          )}
          <RailMe on_commands={on_commands} on_help={on_help} />
        </div>
      </nav>
    </>
  );
}

function Glyph({ path }: { path: string }) {
  return (
    <svg
      className={style.glyph}
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  );
}
