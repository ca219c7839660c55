// Approving, sending back, taking back: one at a time, and what went wrong in words.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, post } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { Approval, Finding } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { type Key, t } from '../i18n/i18n';
import { announce, show_toast } from '../ui/toast_store';

export function useDecision(approval: Approval) {
  const { ws } = useDesk();
  const cache = useQueryClient();
  const [busy, set_busy] = useState(false);
  const [findings, set_findings] = useState<Finding[] | null>(null);
  const run = async (verb: string, body: unknown, done: Key): Promise<boolean> => {
    set_busy(true);
    try {
      await post(ws_path(ws, `/approvals/${approval.id}/${verb}`), body);
      announce(t(done));
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.problem.findings) set_findings(error.problem.findings);
      show_toast(
        { text: 'toast.refused', tone: 'act', params: { why: words_of(error), number: '' } },
        12_000,
      );
      return false;
    } finally {
      set_busy(false);
      void cache.invalidateQueries({ queryKey: key.part(ws, 'approvals') });
      void cache.invalidateQueries({ queryKey: key.case_detail(ws, approval.case_id) });
      void cache.invalidateQueries({ queryKey: key.timeline(ws, approval.case_id) });
    }
  };
  return {
    busy,
    findings,
    approve: (text?: string) =>
      run(
        'approve',
        { seen_post_id: approval.newest_post_id, ...(text === undefined ? {} : { text }) },
        'announce.approved',
      ),
    send_back: (note: string) => run('send-back', { note }, 'announce.sent_back'),
    withdraw: () => run('withdraw', {}, 'announce.withdrawn'),
  };
}
