// What a person does to a case: shown at once, sent in order, taken back when the server says no.
import type { QueryClient } from '@tanstack/react-query';
import type { Key } from '../i18n/i18n';
import { t } from '../i18n/i18n';
import { find_row, put_row } from '../live/apply';
import { send_or_keep } from '../live/queue';
import { announce, show_toast } from '../ui/toast_store';
import { ApiError, call } from './client';
import { key, ws_path } from './keys';
import type { CaseRow, Id, Time } from './types';
import { words_of } from './words_of';

export type CaseAction =
  | { kind: 'assign'; user_id: Id | null }
  | { kind: 'snooze'; until: Time }
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
    case 'open':
      return { ...row, status: 'open', snoozed_until: null, dismiss_reason: '' };
    case 'tags':
      return { ...row, tags: action.tags };
    case 'title':
      return { ...row, title: action.title };
  }
}
// Pure: what takes it back; undefined when it cannot be.
export function inverse(row: CaseRow, action: CaseAction): CaseAction | undefined {
  switch (action.kind) {
    case 'assign':
      return { kind: 'assign', user_id: row.assignee_id };
    case 'tags':
      return { kind: 'tags', tags: row.tags };
    case 'title':
      return { kind: 'title', title: row.title };
    case 'open':
      if (row.status === 'resolved') return { kind: 'resolve' };
      if (row.status === 'dismissed') return { kind: 'dismiss', reason: row.dismiss_reason };
      if (row.status === 'snoozed' && row.snoozed_until) return { kind: 'snooze', until: row.snoozed_until };
      return undefined;
    default:
      return { kind: 'open' };
  }
}
function request(ws: Id, row: CaseRow, action: CaseAction) {
  const base = ws_path(ws, `/cases/${row.id}`);
  // Only what ends the matter asks whether something new came in; taking a case must not fail over a new post.
  switch (action.kind) {
    case 'assign':
      return { method: 'POST', path: `${base}/assign`, body: { user_id: action.user_id } };
    case 'snooze':
      return { method: 'POST', path: `${base}/snooze`, body: { until: action.until, version: row.version } };
    case 'resolve':
      return { method: 'POST', path: `${base}/resolve`, body: { version: row.version } };
    case 'dismiss':
      return {
        method: 'POST',
        path: `${base}/dismiss`,
        body: { reason: action.reason, version: row.version },
      };
    case 'open':
      return { method: 'POST', path: `${base}/open`, body: {} };
    case 'tags':
      return { method: 'PUT', path: `${base}/tags`, body: { tags: action.tags } };
    case 'title':
      return { method: 'PATCH', path: base, body: { title: action.title } };
  }
}

// "Changed" is a surprise only when the customer wrote or a colleague took the case; our own reply on its way also
// makes a new version, and must not stand in the way of resolving right after it.
async function send_even_if_only_we_moved(ws: Id, fresh: CaseRow, seen: CaseRow, action: CaseAction) {
  try {
    return await send_or_keep<CaseRow>(request(ws, fresh, action));
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409 && error.code === 'changed')) throw error;
    const now = await call<CaseRow>(ws_path(ws, `/cases/${seen.id}`));
    const same = now.preview === seen.preview && now.assignee_id === seen.assignee_id;
    if (!same || now.status === 'resolved' || now.status === 'dismissed') throw error;
    return send_or_keep<CaseRow>(request(ws, { ...fresh, version: now.version }, action));
  }
}

const chains = new Map<Id, { tail: Promise<unknown>; depth: number }>();

export interface Desk {
  cache: QueryClient;
  ws: Id;
  me: Id;
}

// Resolves to whether it was done (or is waiting for the network).
export function act(desk: Desk, row: CaseRow, action: CaseAction): Promise<boolean> {
  const { cache, ws, me } = desk;
  put_row(cache, ws, me, expected(row, action), true);
  const chain = chains.get(row.id) ?? { tail: Promise.resolve(), depth: 0 };
  chain.depth++;
  chains.set(row.id, chain);
  const run = async (): Promise<boolean> => {
    const fresh = find_row(cache, ws, row.id) ?? row;
    try {
      const answer = await send_even_if_only_we_moved(ws, { ...fresh, id: row.id }, row, action);
      if (answer !== 'later' && chain.depth === 1 && answer) put_row(cache, ws, me, answer, true);
      if (action.kind !== 'tags') void cache.invalidateQueries({ queryKey: key.timeline(ws, row.id) });
      return true;
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
      return false;
    } finally {
      if (--chain.depth === 0) chains.delete(row.id);
    }
  };
  const done = chain.tail.then(run, run);
  chain.tail = done;
  return done;
}

const done_words: Record<CaseAction['kind'], Key> = {
  assign: 'toast.assigned',
  snooze: 'toast.snoozed',
  resolve: 'toast.resolved',
  dismiss: 'toast.dismissed',
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
  const back = inverse(row, action);
  void act(desk, row, action);
  announce(t(done_words[action.kind], { count: 1 }));
  show_toast({
    text: done_words[action.kind],
    params: { count: 1 },
    tone: 'plain',
    ...(back ? { action: { label: 'action.undo', run: () => undo(desk, [row], [back]) } } : {}),
  });
}
function undo(desk: Desk, rows: CaseRow[], actions: CaseAction[]): void {
  for (const [n, row] of rows.entries()) {
    const now = find_row(desk.cache, desk.ws, row.id) ?? row;
    const back = actions[n]!;
    // Until the server answers, the row looks as it did before.
    void act(desk, now, back).then(() => desk.cache.invalidateQueries({ queryKey: key.counts(desk.ws) }));
    put_row(desk.cache, desk.ws, desk.me, { ...row, version: now.version }, true);
  }
  announce(t('toast.undone'));
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
  const done: CaseRow[] = [];
  const waiting = [...rows];
  let finished = 0;
  const worker = async (): Promise<void> => {
    for (let row = waiting.shift(); row && !stop; row = waiting.shift()) {
      if (await act(desk, row, action)) done.push(row);
      change_toast(toast, { progress: progress(++finished) });
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  close_toast(toast);
  const backs = done.map((row) => inverse(row, action));
  const all_back = backs.every((back) => back !== undefined);
  announce(t(done_words[action.kind], { count: done.length }));
  show_toast({
    text: done_words[action.kind],
    params: { count: done.length },
    tone: 'plain',
    ...(all_back && done.length > 0
      ? { action: { label: 'action.undo', run: () => undo(desk, done, backs as CaseAction[]) } }
      : {}),
  });
}
