// What a person does to a case: shown at once, sent in order, taken back when the server says no.
import type { QueryClient } from '@tanstack/react-query';
import type { Key } from '../i18n/i18n';
import { t } from '../i18n/i18n';
import { find_row, put_row } from '../live/apply';
import { send_or_keep, take_back, type Waiting } from '../live/queue';
import { announce, show_toast } from '../ui/toast_store';
import { ApiError, call } from './client';
import { key, ws_path } from './keys';
import type { CaseRow, CaseStatus, ChangedRow, Id, Time } from './types';
import { words_of } from './words_of';

export type CaseAction =
  | { kind: 'assign'; user_id: Id | null }
  | { kind: 'snooze'; until: Time }
  | { kind: 'watch'; reason: string; until: Time | null }
  | { kind: 'resolve' }
  | { kind: 'dismiss'; reason: string }
  | { kind: 'open' }
  | { kind: 'tags'; tags: string[] }
  | { kind: 'title'; title: string };

// Pure: the row as it will be.
export function expected(row: CaseRow, action: CaseAction): CaseRow {
  switch (action.kind) {
    case 'assign':
      return { ...row, assignee_id: action.user_id };
    case 'snooze':
      return { ...row, status: 'snoozed', snoozed_until: action.until };
    case 'resolve':
      return { ...row, status: 'resolved', due_at: null, snoozed_until: null };
    case 'dismiss':
      return {
        ...row,
        status: 'dismissed',
        dismiss_reason: action.reason,
        due_at: null,
        snoozed_until: null,
      };
    case 'watch':
      return {
        ...row,
        status: 'watched',
        dismiss_reason: action.reason,
        due_at: null,
        snoozed_until: action.until,
      };
    case 'open':
      return { ...row, status: 'open', snoozed_until: null, dismiss_reason: '' };
    case 'tags':
      return { ...row, tags: action.tags };
    case 'title':
      return { ...row, title: action.title };
  }
}
function request(ws: Id, row: CaseRow, looked_at: CaseRow, action: CaseAction): Waiting {
  const base = ws_path(ws, `/cases/${row.id}`);
  const seen = (to: CaseStatus) => ({
    preview: looked_at.preview,
    assignee_id: looked_at.assignee_id,
    // It tells that the action was done only when it was not so before.
    to: looked_at.status === to ? null : to,
  });
  // Only what ends the matter asks whether something new came in; taking a case must not fail over a new post.
  switch (action.kind) {
    case 'assign':
      return { method: 'POST', path: `${base}/assign`, body: { user_id: action.user_id } };
    case 'snooze':
      return {
        method: 'POST',
        path: `${base}/snooze`,
        body: { until: action.until, version: row.version },
        seen: seen('snoozed'),
      };
    case 'resolve':
      return {
        method: 'POST',
        path: `${base}/resolve`,
        body: { version: row.version },
        seen: seen('resolved'),
      };
    case 'dismiss':
      return {
        method: 'POST',
        path: `${base}/dismiss`,
        body: { reason: action.reason, version: row.version },
        seen: seen('dismissed'),
      };
    case 'watch':
      return {
        method: 'POST',
        path: `${base}/watch`,
        body: { reason: action.reason, until: action.until, version: row.version },
        seen: seen('watched'),
      };
    case 'open':
      return { method: 'POST', path: `${base}/open`, body: {} };
    case 'tags': {
      // What a colleague added meanwhile stays.
      const add = action.tags.filter((tag) => !looked_at.tags.includes(tag));
      const remove = looked_at.tags.filter((tag) => !action.tags.includes(tag));
      return { method: 'PUT', path: `${base}/tags`, body: { add, remove } };
    }
    case 'title':
      return { method: 'PATCH', path: base, body: { title: action.title } };
  }
}

const chains = new Map<Id, { tail: Promise<unknown>; depth: number }>();

export interface Desk {
  cache: QueryClient;
  ws: Id;
  me: Id;
}

// What became of an action: refused; done, with its event when it changed anything; or kept until we are connected.
type Outcome = { kind: 'refused' } | { kind: 'done'; event_seq?: string } | { kind: 'later'; item: Waiting };

// One after the other for each case.
function in_turn<T>(id: Id, run: (is_last: () => boolean) => Promise<T>): Promise<T> {
  const chain = chains.get(id) ?? { tail: Promise.resolve(), depth: 0 };
  chain.depth++;
  chains.set(id, chain);
  const counted = async (): Promise<T> => {
    try {
      return await run(() => chain.depth === 1);
    } finally {
      if (--chain.depth === 0) chains.delete(id);
    }
  };
  const done = chain.tail.then(counted, counted);
  chain.tail = done;
  return done;
}

export function act(desk: Desk, row: CaseRow, action: CaseAction): Promise<Outcome> {
  const { cache, ws, me } = desk;
  put_row(cache, ws, me, expected(row, action), true);
  return in_turn(row.id, async (is_last): Promise<Outcome> => {
    const fresh = find_row(cache, ws, row.id) ?? row;
    try {
      const item = request(ws, { ...fresh, id: row.id }, row, action);
      const answer = await send_or_keep<ChangedRow>(item);
      if (answer === 'later') return { kind: 'later', item };
      const { event_seq, ...shown } = answer;
      if (is_last()) put_row(cache, ws, me, shown, true);
      if (action.kind !== 'tags') void cache.invalidateQueries({ queryKey: key.timeline(ws, row.id) });
      return { kind: 'done', event_seq };
    } catch (error) {
      put_row(cache, ws, me, { ...row, version: fresh.version }, true);
      void cache.invalidateQueries({ queryKey: key.case_detail(ws, row.id) });
      void cache.invalidateQueries({ queryKey: key.timeline(ws, row.id) });
      const changed = error instanceof ApiError && error.status === 409;
      show_toast({
        text: changed ? 'toast.changed' : 'toast.refused',
        tone: changed ? 'plain' : 'act',
        params: { why: words_of(error), number: row.number },
        action: {
          label: 'action.again',
          run: () => void act_with_undo(desk, [find_row(cache, ws, row.id) ?? row], action),
        },
      });
      return { kind: 'refused' };
    }
  });
}

const done_words: Record<CaseAction['kind'], Key> = {
  assign: 'toast.assigned',
  snooze: 'toast.snoozed',
  resolve: 'toast.resolved',
  dismiss: 'toast.dismissed',
  watch: 'toast.watched',
  open: 'toast.opened',
  tags: 'toast.tagged',
  title: 'toast.renamed',
};

export function act_with_undo(desk: Desk, rows: CaseRow[], action: CaseAction): void {
  if (rows.length > 1) {
    void act_on_many(desk, rows, action);
    return;
  }
  const row = rows[0];
  if (!row) return;
  const outcome = act(desk, row, action);
  announce(t(done_words[action.kind], { count: 1 }));
  show_toast({
    text: done_words[action.kind],
    params: { count: 1 },
    tone: 'plain',
    action: { label: 'action.undo', run: () => void undo(desk, [{ row, outcome }]) },
  });
}

interface Done {
  row: CaseRow; // as it was before
  outcome: Promise<Outcome>;
}
// The server puts back exactly what the event changed; what still waits to be sent is not sent at all.
async function undo(desk: Desk, all: Done[]): Promise<void> {
  const { cache, ws, me } = desk;
  announce(t('toast.undone'));
  const one = async ({ row, outcome }: Done): Promise<void> => {
    const now = find_row(cache, ws, row.id) ?? row;
    put_row(cache, ws, me, { ...row, version: now.version }, true); // until the server answers
    await in_turn(row.id, async (is_last) => {
      const done = await outcome;
      if (done.kind === 'refused') return;
      try {
        if (done.kind === 'done' && done.event_seq) {
          const body = { event_seq: done.event_seq };
          const back = await call<CaseRow>(ws_path(ws, `/cases/${row.id}/undo`), { method: 'POST', body });
          if (is_last()) put_row(cache, ws, me, back, true);
        }
        if (done.kind === 'later' && !take_back(done.item)) throw new Error('it was sent meanwhile');
      } catch (error) {
        const changed = !(error instanceof ApiError) || error.status === 409;
        show_toast({
          text: changed ? 'toast.not_undone' : 'toast.refused',
          tone: 'plain',
          params: { why: words_of(error), number: row.number },
        });
        void cache.invalidateQueries({ queryKey: key.part(ws, 'cases') });
        void cache.invalidateQueries({ queryKey: key.case_detail(ws, row.id) });
      }
      void cache.invalidateQueries({ queryKey: key.timeline(ws, row.id) });
    });
  };
  const waiting = [...all];
  const worker = async (): Promise<void> => {
    for (let done = waiting.shift(); done; done = waiting.shift()) await one(done);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  void cache.invalidateQueries({ queryKey: key.counts(ws) });
}

async function act_on_many(desk: Desk, rows: CaseRow[], action: CaseAction): Promise<void> {
  let stop = false;
  const { change_toast, close_toast } = await import('../ui/toast_store');
  const progress = (done: number) => ({ done, of: rows.length, cancel: () => (stop = true) });
  const toast = show_toast({
    text: 'toast.working',
    params: { count: rows.length },
    tone: 'plain',
    progress: progress(0),
  });
  const done: Done[] = [];
  const waiting = [...rows];
  let finished = 0;
  const worker = async (): Promise<void> => {
    for (let row = waiting.shift(); row && !stop; row = waiting.shift()) {
      const outcome = await act(desk, row, action);
      if (outcome.kind !== 'refused') done.push({ row, outcome: Promise.resolve(outcome) });
      change_toast(toast, { progress: progress(++finished) });
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  close_toast(toast);
  announce(t(done_words[action.kind], { count: done.length }));
  show_toast({
    text: done_words[action.kind],
    params: { count: done.length },
    tone: 'plain',
    ...(done.length > 0 ? { action: { label: 'action.undo', run: () => void undo(desk, done) } } : {}),
  });
}
