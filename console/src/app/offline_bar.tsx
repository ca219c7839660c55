// Calm words while the server does not answer: what still works and what waits.
import { useEffect, useState } from 'react';
import { t } from '../i18n/i18n';
import { useWaiting } from '../live/queue';
import { useReachable } from '../live/reach';
import style from './offline_bar.module.css';

export function OfflineBar() {
  const reachable = useReachable();
  const waiting = useWaiting();
  const [shown, set_shown] = useState(false);
  // A reconnect of a second is nobody's business.
  useEffect(() => {
    if (reachable) {
      set_shown(false);
      return;
    }
    const timer = window.setTimeout(() => set_shown(true), 1_500);
    return () => window.clearTimeout(timer);
  }, [reachable]);
  if (!shown && !(waiting > 0 && !reachable)) return null;
  return (
    <div className={style.bar} role="status">
      <span className={style.dot} aria-hidden="true" />
      {t('offline.text')}
      {waiting > 0 && <strong>{t('offline.waiting', { count: waiting })}</strong>}
      <button type="button" onClick={() => window.location.reload()}>
        {t('offline.retry')}
      </button>
    </div>
  );
}
