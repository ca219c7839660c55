// Where the desk wants it, a case that nobody has is taken by who opens it and stays; one click gives it back.
import { useEffect } from 'react';
import { call, post } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { CaseDetail, CaseRow, ChangedRow } from '../api/types';
import { useDesk } from '../app/desk';
import { put_row } from '../live/apply';
import { show_toast } from '../ui/toast_store';
import { useTeams } from './queries';

// Who runs through the list takes nothing.
const stays_ms = 2_500;
const given_back = new Set<string>();

export function useClaim(detail: CaseDetail | undefined): void {
  const { ws, me, desk, can_act } = useDesk();
  const wanted = useTeams(ws).data?.claim_on_open ?? false;
  const id = detail?.id;
  const free =
    wanted &&
    can_act &&
    detail?.status === 'open' &&
    detail.assignee_id === null &&
    !given_back.has(detail.id);
  useEffect(() => {
    if (!free || !id) return;
    const timer = window.setTimeout(async () => {
      try {
        const { event_seq, ...row } = await post<ChangedRow>(ws_path(ws, `/cases/${id}/claim`));
        put_row(desk.cache, ws, me.id, row, true);
        if (!event_seq) return;
        const give_back = async (): Promise<void> => {
          given_back.add(id);
          const body = { event_seq };
          const back = await call<CaseRow>(ws_path(ws, `/cases/${id}/undo`), { method: 'POST', body });
          put_row(desk.cache, ws, me.id, back, true);
        };
        show_toast({
          text: 'claim.taken',
          params: { number: row.number },
          tone: 'plain',
          action: { label: 'action.undo', run: () => void give_back().catch(() => undefined) },
        });
      } catch {
        // Somebody was first: the row says so.
        void desk.cache.invalidateQueries({ queryKey: key.case_detail(ws, id) });
      }
    }, stays_ms);
    return () => window.clearTimeout(timer);
  }, [free, id, ws, me.id, desk]);
}
