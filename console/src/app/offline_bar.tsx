// Calm words while the server does not answer: what still works and what waits. When it answers again: what of the
// work that waited was not done, and why, until somebody has read it.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Id } from '../api/types';
import { words_of } from '../api/words_of';
import { t, t_or } from '../i18n/i18n';
import { find_row } from '../live/apply';
import {
  type BackAgain,
  case_of,
  forget_back_again,
  useBackAgain,
  useWaiting,
  workspace_of,
} from '../live/queue';
import { look_now, useReachable } from '../live/reach';
import { useDesk } from './desk';
import { Link } from './link';
import style from './offline_bar.module.css';
import { inbox_path } from './router';

export function OfflineBar() {
  const reachable = useReachable();
  const waiting = useWaiting();
  const back = useBackAgain();
  const held = !reachable || waiting > 0;
  const [shown, set_shown] = useState(false);
  // A reconnect of a second is nobody's business.
  useEffect(() => {
    if (!held) {
      set_shown(false);
      return;
    }
    const timer = window.setTimeout(() => set_shown(true), 1_500);
    return () => window.clearTimeout(timer);
  }, [held]);
  if (reachable && back) return <NotDoneBar back={back} />;
  if (!held || (!shown && !(waiting > 0 && !reachable))) return null;
  return (
    <div className={style.bar} role="status">
      <span className={style.dot} aria-hidden="true" />
      {t(reachable ? 'offline.busy' : 'offline.text')}
      {waiting > 0 && <strong>{t('offline.waiting', { count: waiting })}</strong>}
      {!reachable && (
        <button type="button" onClick={look_now}>
          {t('offline.retry')}
        </button>
      )}
    </div>
  );
}

function NotDoneBar({ back }: { back: BackAgain }) {
  const { ws } = useDesk();
  const cache = useQueryClient();
  const name = (id: Id): string => {
    const row = find_row(cache, ws, id);
    return row ? `#${row.number} ${row.name || row.handle}` : t('offline.case');
  };
  return (
    <section className={style.bar} role="alert">
      {t('offline.back', { sent: back.sent, count: back.not_done.length })}
      <button type="button" onClick={forget_back_again}>
        {t('offline.read')}
      </button>
      <ul>
        {back.not_done.map(({ item, why }) => {
          const id = case_of(item);
          const what = t_or(`offline.what.${item.path.split('/').at(-1)}`, t('offline.what.other'));
          return (
            <li key={item.id}>
              {id && <Link to={inbox_path(workspace_of(item) ?? ws, 'all', id)}>{name(id)}</Link>} {what}
              {t('offline.why', { why: why === 'earlier' ? t('offline.earlier') : words_of(why) })}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
