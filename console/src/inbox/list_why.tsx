// What a list's number counts: which cases stand in it, in which order, and how many of them are late.
import { type ReactNode, useState } from 'react';
import { useCounts } from '../api/queries';
import type { BuiltInView, Topic, View } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path, settings_path, topic_path } from '../app/router';
import { plain_number, t } from '../i18n/i18n';
import { order_of } from '../live/case_lists';
import { useTeams, useViewCounts, useViews } from '../teamwork/queries';
import { Says } from '../teamwork/steps';
import { Dialog } from '../ui/dialog';
import style from './list_why.module.css';

const id_in = (view: View): string => view.slice(view.indexOf(':') + 1);

// What the rail says of the list; undefined where nothing counts it.
function useListCount(view: View): string | undefined {
  const { ws } = useDesk();
  const counts = useCounts(ws).data;
  const views = useViewCounts(ws).data;
  const teams = useTeams(ws).data;
  const more = (cases: number, is_more: boolean): string => `${plain_number(cases)}${is_more ? '+' : ''}`;
  const id = id_in(view);
  if (view.startsWith('saved:')) {
    const count = views?.find((one) => one.id === id);
    return count && more(count.cases, count.more);
  }
  if (view.startsWith('team:')) {
    const team = teams?.items.find((one) => one.id === id);
    return team && more(team.open_cases, team.open_cases >= 1_000);
  }
  if (view.startsWith('member:')) {
    const work = teams?.work.find((one) => one.user_id === id);
    return work && plain_number(work.open_cases);
  }
  if (view === 'due:failed') return counts && plain_number(counts.failed_replies);
  if (view === 'due:overdue') return counts && plain_number(counts.overdue);
  return counts && view in counts ? plain_number(counts[view as keyof typeof counts]) : undefined;
}

// A number that says what it counts when it is clicked.
function Counted({ count, shown, title, children }: CountedProps) {
  const [open, set_open] = useState(false);
  return (
    <>
      <button
        type="button"
        className={`num ${style.count}`}
        title={t('list.why')}
        aria-label={t('list.why.of', { count })}
        onClick={() => set_open(true)}
      >
        {shown ?? count}
      </button>
      {open && (
        <Dialog title={t('list.why.title', { view: title, count })} on_close={() => set_open(false)}>
          <div className={style.why}>{children}</div>
        </Dialog>
      )}
    </>
  );
}
interface CountedProps {
  count: string;
  shown?: string;
  title: string;
  children: ReactNode;
}

export function ListCount({ view, title }: { view: View; title: string }) {
  const count = useListCount(view);
  if (count === undefined) return null;
  return (
    <Counted count={count} title={title}>
      <ListWhy view={view} />
    </Counted>
  );
}

function ListWhy({ view }: { view: View }) {
  const { ws, role } = useDesk();
  const counts = useCounts(ws).data;
  const saved = useViews(ws).data?.find((one) => `saved:${one.id}` === view);
  const kind = view.includes(':') ? view.slice(0, view.indexOf(':')) : '';
  const order = order_of(view, null);
  const failed = view === 'due:failed';
  const open_lists = view === 'now' || view === 'mine' || (kind === 'due' && !failed);
  return (
    <>
      <p>
        {failed
          ? t('list.about.failed')
          : kind
            ? t(`list.about.${kind as 'saved' | 'team' | 'member' | 'due'}`)
            : t(`list.about.${view as BuiltInView}`)}
      </p>
      {saved && <Says of={saved.conditions} />}
      {saved && <p>{t('list.about.limit')}</p>}
      <p>{t(order === 'rank' || (kind === 'due' && !failed) ? 'list.order.rank' : 'list.order.newest')}</p>
      {open_lists && counts && (
        <p>
          <Link to={inbox_path(ws, 'due:overdue')}>{t('rail.overdue', { count: counts.overdue })}</Link>
        </p>
      )}
      {at_least(role, 'lead') && (
        <p>
          {order === 'rank' && <Link to={settings_path(ws, 'order')}>{t('rank.tune')}</Link>}
          {saved && <Link to={settings_path(ws, 'views')}>{t('views.edit')}</Link>}
        </p>
      )}
    </>
  );
}

// Beside a topic's list stands what the rail says of it: how much was found today.
export function TopicCount({ topic }: { topic: Topic }) {
  const { ws } = useDesk();
  return (
    <Counted
      count={plain_number(topic.found_today)}
      shown={t('rail.found_today', { count: topic.found_today })}
      title={topic.name}
    >
      <p>{t('list.about.topic')}</p>
      <p>
        <Link to={topic_path(ws, topic.id)}>{t('list.topic')}</Link>
      </p>
    </Counted>
  );
}
