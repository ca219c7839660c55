// The next best case: the desk gives each agent a different one, and keeps it for them a while.
import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { post } from '../api/client';
import { ws_path } from '../api/keys';
import type { CaseRow, Id, View } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { go, inbox_path } from '../app/router';
import { t } from '../i18n/i18n';
import { useCommand } from '../keys/commands';
import { put_row } from '../live/apply';
import { announce, show_toast } from '../ui/toast_store';

export function useNextBest(view: View, topic: Id | null, case_id: Id | null): void {
  const { ws, me, can_act } = useDesk();
  const cache = useQueryClient();
  const asking = useRef(false);
  const next = async (): Promise<void> => {
    if (asking.current) return;
    asking.current = true;
    try {
      const purchases = view === 'purchase';
      const answer = await post<{ case: CaseRow | null }>(ws_path(ws, '/cases/next'), {
        purchases,
        leave: case_id,
      });
      if (!answer.case) {
        announce(t('toast.nothing_next'));
        show_toast({ text: 'toast.nothing_next', tone: 'plain' }, 4_000);
        return;
      }
      put_row(cache, ws, me.id, answer.case, true);
      const place = purchases || view === 'mine' || view === 'now' ? view : 'now';
      // Among one's own there are only one's own.
      const shown = place === 'mine' && answer.case.assignee_id !== me.id ? 'now' : place;
      go(inbox_path(ws, shown, answer.case.id, shown === view ? topic : null));
    } catch (error) {
      show_toast({ text: 'toast.refused', tone: 'act', params: { why: words_of(error), number: '' } });
    } finally {
      asking.current = false;
    }
  };
  useCommand('next_best', () => void next(), can_act);
}
