// Lays one row, or one live event, over everything in the cache that shows it.
import { hashKey, type QueryClient } from '@tanstack/react-query';
import { key } from '../api/keys';
import type { CaseList } from '../api/queries';
import type { CaseDetail, CaseRow, Id, LiveChange, View } from '../api/types';
import { is_asked, type ListState, order_of, place, settle, show_arrivals } from './case_lists';
import { list_focus } from './list_focus';

type List = { view: View; topic: Id | null; state: ListState };

function lists_of(cache: QueryClient, ws: Id): List[] {
  return cache.getQueriesData<CaseList>({ queryKey: key.lists(ws) }).flatMap(([name, data]) => {
    if (!data) return [];
    const view = name[3] as View;
    const topic = (name[4] as string) || null;
    const arrivals = cache.getQueryData<CaseRow[]>(key.arrivals(ws, view, topic)) ?? [];
    return [{ view, topic, state: { pages: data.pages, arrivals } }];
  });
}
function keep_list(
  cache: QueryClient,
  ws: Id,
  view: View,
  topic: Id | null,
  old: ListState,
  next: ListState,
): void {
  if (next.pages !== old.pages)
    cache.setQueryData<CaseList>(key.list(ws, view, topic), (data) => data && { ...data, pages: next.pages });
  if (next.arrivals !== old.arrivals) cache.setQueryData(key.arrivals(ws, view, topic), next.arrivals);
}
const on_screen = (view: View, topic: Id | null): boolean =>
  list_focus.view === view && list_focus.topic === topic;

// `mine`: this person did it, so the list may answer at once.
export function put_row(cache: QueryClient, ws: Id, me: Id, row: CaseRow, mine: boolean): void {
  for (const list of lists_of(cache, ws)) put_into(cache, ws, me, list, row, mine);
  for (const { queryHash } of on_their_way(cache, ws)) {
    const rows = overtaking.get(queryHash) ?? new Map();
    overtaking.set(queryHash, rows.set(row.id, { row, mine }));
  }
  cache.setQueryData<CaseDetail>(key.case_detail(ws, row.id), (detail) =>
    detail && detail.version <= row.version ? { ...detail, ...row } : detail,
  );
}
function put_into(
  cache: QueryClient,
  ws: Id,
  me: Id,
  { view, topic, state }: List,
  row: CaseRow,
  mine: boolean,
) {
  const shown = on_screen(view, topic);
  const next = place(state, row, {
    view,
    topic,
    me,
    hold_arrivals: shown && !mine && !(list_focus.at_top && !list_focus.pointer_inside),
    keep: (id) => shown && (id === list_focus.open_case || (list_focus.pointer_inside && !mine)),
  });
  keep_list(cache, ws, view, topic, state, next);
}

// What changed while a list was asked for: its answer may be older, and takes the place of all that was laid over
// the list meanwhile. So it is laid over what is there in the end; that it is there already does no harm.
const overtaking = new Map<string, Map<Id, { row: CaseRow; mine: boolean }>>();
const on_their_way = (cache: QueryClient, ws: Id) =>
  cache.getQueryCache().findAll({ queryKey: key.lists(ws), fetchStatus: 'fetching' });
export function watch_answers(cache: QueryClient, ws: Id, me: Id): () => void {
  const stop = cache.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated' || event.query.queryKey[1] !== ws) return;
    const { query } = event;
    if (query.state.fetchStatus === 'fetching') return;
    const rows = overtaking.get(query.queryHash);
    if (!rows) return;
    overtaking.delete(query.queryHash);
    for (const { row, mine } of rows.values())
      for (const list of lists_of(cache, ws))
        if (query.queryHash === hashKey(key.list(ws, list.view, list.topic)))
          put_into(cache, ws, me, list, row, mine);
  });
  return () => {
    stop();
    overtaking.clear();
  };
}
export function settle_lists(cache: QueryClient, ws: Id, me: Id): void {
  for (const { view, topic, state } of lists_of(cache, ws)) {
    const shown = on_screen(view, topic);
    const next = settle(
      state,
      view,
      topic,
      me,
      (id) => shown && (id === list_focus.open_case || list_focus.pointer_inside),
      !shown || (list_focus.at_top && !list_focus.pointer_inside),
    );
    keep_list(cache, ws, view, topic, state, next);
  }
}
export function reveal_arrivals(cache: QueryClient, ws: Id, view: View, topic: Id | null): CaseRow[] {
  const list = lists_of(cache, ws).find((one) => one.view === view && one.topic === topic);
  if (!list) return [];
  keep_list(cache, ws, view, topic, list.state, show_arrivals(order_of(view, topic), list.state));
  return list.state.arrivals;
}
export function find_row(cache: QueryClient, ws: Id, id: Id): CaseRow | undefined {
  const detail = cache.getQueryData<CaseDetail>(key.case_detail(ws, id));
  if (detail) return detail;
  for (const { state } of lists_of(cache, ws))
    for (const page of state.pages) {
      const row = page.items.find((item) => item.id === id);
      if (row) return row;
    }
  return undefined;
}

const whole_parts: Record<string, string[]> = {
  'account.status': ['accounts', 'stream'],
  'account.problem': ['accounts'],
  'person.changed': ['person', 'search'],
  'promises.changed': ['promises', 'promise_versions'],
  'promises.planned': ['cases', 'case'],
  'order.changed': ['order'],
  'order.planned': ['cases', 'case'],
  'roster.changed': ['roster'],
  'topic.changed': ['topics', 'topic', 'archived_topics'],
  'alarm.raised': ['alarms'],
  'alarm.ended': ['alarms'],
  'notice.made': ['notices'],
  'member.changed': ['members', 'invitations'],
  'journal.failed': ['journal'],
  'approval.state': ['approvals'],
  'reply_rules.changed': ['reply_rules', 'voice_guides'],
  'team.changed': ['teams', 'cases', 'case'],
  'macro.changed': ['macros'],
  'view.changed': ['views', 'view_counts'],
  'rule.changed': ['rules'],
  'saved_replies.changed': ['saved_replies', 'reply_assets'],
  'rewards.changed': ['reward_lists'],
  'rewards.low': ['reward_lists'],
  'reward.given': ['reward_lists'],
  'reward.returned': ['reward_lists'],
};

const asked_soon: Record<string, string[]> = { 'act.changed': ['acts', 'rules', 'macros'] };

export function apply_change(cache: QueryClient, ws: Id, me: Id, change: LiveChange): void {
  if (change.case) put_row(cache, ws, me, change.case, change.actor_id === me);
  for (const part of whole_parts[change.kind] ?? [])
    void cache.invalidateQueries({ queryKey: key.part(ws, part) });
  for (const part of asked_soon[change.kind] ?? []) ask_again_soon(cache, ws, part);
  // Who was joined or taken apart may stand in any row and any case.
  if (change.kind === 'person.changed' && 'other_id' in change.data)
    for (const part of ['cases', 'case']) void cache.invalidateQueries({ queryKey: key.part(ws, part) });
  if (change.case_id) {
    ask_views_again(cache, ws);
    void cache.invalidateQueries({ queryKey: key.part(ws, `teamwork ${change.case_id}`) });
    if (change.kind !== 'draft.changed')
      void cache.invalidateQueries({ queryKey: key.timeline(ws, change.case_id) });
    void cache.invalidateQueries({ queryKey: key.case_detail(ws, change.case_id) });
  }
  if (change.kind === 'post.received') {
    if (change.case?.topic_ids.length) ask_again_soon(cache, ws, 'topics');
    // The customer of a reply that waits for approval may have written again.
    void cache.invalidateQueries({ queryKey: key.part(ws, 'approvals') });
  }
}
// Saved views and team queues, read again at most every few seconds, and not under the pointer.
let asking_views = 0;
function ask_views_again(cache: QueryClient, ws: Id): void {
  if (asking_views) return;
  asking_views = window.setTimeout(() => {
    asking_views = 0;
    void cache.invalidateQueries({ queryKey: key.part(ws, 'view_counts') });
    void cache.invalidateQueries({ queryKey: key.part(ws, 'teams') });
    for (const { view } of lists_of(cache, ws)) {
      if (!is_asked(view)) continue;
      const shown = list_focus.view === view;
      if (shown && (list_focus.pointer_inside || !list_focus.at_top)) ask_views_again(cache, ws);
      else void cache.invalidateQueries({ queryKey: key.list(ws, view, null) });
    }
  }, 3_000);
}
// What changes often, such as how many posts a topic found today: read again, at most every few seconds.
const asking = new Set<string>();
function ask_again_soon(cache: QueryClient, ws: Id, part: string): void {
  if (asking.has(part)) return;
  asking.add(part);
  window.setTimeout(() => {
    asking.delete(part);
    void cache.invalidateQueries({ queryKey: key.part(ws, part) });
  }, 4_000);
}
