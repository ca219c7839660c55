// Tells the others that I look at or write on a case: on change, every 20 seconds, and when I leave.
import { useEffect } from 'react';
import { call } from '../api/client';
import { ws_path } from '../api/keys';
import type { Id, Presence } from '../api/types';

export function useTell(ws: Id, case_id: Id, writing: boolean): void {
  useEffect(() => {
    const tell = (state: Presence['state'], keepalive = false): void => {
      call(ws_path(ws, `/cases/${case_id}/presence`), { method: 'POST', body: { state }, keepalive }).catch(
        () => undefined,
      );
    };
    const now = (): void => tell(document.hidden ? 'away' : writing ? 'writing' : 'looking');
    // Running past a case with j is not looking at it.
    const first = window.setTimeout(now, 250);
    const timer = window.setInterval(now, 20_000);
    document.addEventListener('visibilitychange', now);
    return () => {
      window.clearTimeout(first);
      window.clearInterval(timer);
      document.removeEventListener('visibilitychange', now);
    };
  }, [ws, case_id, writing]);
  useEffect(() => {
    const gone = (): void => {
      call(ws_path(ws, `/cases/${case_id}/presence`), {
        method: 'POST',
        body: { state: 'gone' },
        keepalive: true,
      }).catch(() => undefined);
    };
    window.addEventListener('pagehide', gone);
    return () => {
      window.removeEventListener('pagehide', gone);
      gone();
    };
  }, [ws, case_id]);
}
