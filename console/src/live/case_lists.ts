// Pure: what a changed row does to a list. The list never jumps: strangers' arrivals wait, what left stays greyed
// while it is held (the pointer is over the list, or the case is open).
import type { CaseRow, Id, Page, View } from '../api/types';

export interface ListState {
  pages: Page<CaseRow>[];
  arrivals: CaseRow[];
}
export interface Placing {
  view: View;
  topic: Id | null;
  me: Id;
  hold_arrivals: boolean;
  keep: (id: Id) => boolean; // rows that stay although they no longer belong
}

// Lists that only the server can make: by conditions, and by the clock.
export const is_asked = (view: View): boolean => view.startsWith('saved:') || view.startsWith('due:');

export function belongs(view: View, topic: Id | null, row: CaseRow, me: Id): boolean {
  if (topic && !row.topic_ids.includes(topic)) return false;
  // Only the server knows a saved view's conditions: it is read again (apply.ts), and nothing is moved meanwhile.
  if (is_asked(view)) return true;
  if (view.startsWith('team:')) return row.status === 'open' && `team:${row.team_id}` === view;
  if (view.startsWith('member:')) return row.status === 'open' && `member:${row.assignee_id}` === view;
  switch (view) {
    case 'all':
      return true;
    case 'now':
      return row.status === 'open' && row.queue === 'desk';
    case 'mine':
      return row.assignee_id === me && row.status === 'open';
    case 'found':
      return row.status === 'found' && row.queue === 'desk' && !row.folded;
    case 'folded':
      return row.status === 'found' && row.queue === 'desk' && row.folded;
    case 'purchase':
      return row.queue === 'purchase' && (row.status === 'open' || row.status === 'found');
    case 'opinions':
      return row.opinion !== null;
    default:
      return row.status === view;
  }
}

// How a list is sorted: a topic's list has the newest case first, whatever its view.
export type Order = 'rank' | 'last_post' | 'case' | 'kept';
export function order_of(view: View, topic: Id | null): Order {
  if (topic) return 'case';
  if (is_asked(view)) return 'kept';
  const ranked = view === 'now' || view === 'mine' || view === 'purchase' || /^(team|member):/.test(view);
  return ranked ? 'rank' : 'last_post';
}
export function before(order: Order, a: CaseRow, b: CaseRow): boolean {
  if (order === 'kept') return false;
  if (order === 'case') return compare_id(a.id, b.id) > 0;
  if (order === 'rank') {
    const [rank_a, rank_b] = [a.rank_at ?? '9', b.rank_at ?? '9'];
    return rank_a === rank_b ? compare_id(a.id, b.id) < 0 : rank_a < rank_b;
  }
  return a.last_post_at === b.last_post_at ? compare_id(a.id, b.id) > 0 : a.last_post_at > b.last_post_at;
}
export function compare_id(a: Id, b: Id): number {
  return a.length === b.length ? (a < b ? -1 : a > b ? 1 : 0) : a.length - b.length;
}

function replace(items: CaseRow[], row: CaseRow): CaseRow[] | null {
  const at = items.findIndex((item) => item.id === row.id);
  if (at < 0) return null;
  // An answer that was overtaken must not put an older state back.
  if (items[at]!.version > row.version) return items;
  return items.with(at, row);
}

// After the last row that goes before it: rows that stayed in place although their own place moved (see `place`)
// must not pull a new one up or down with them.
export function insert(order: Order, pages: Page<CaseRow>[], row: CaseRow): Page<CaseRow>[] {
  for (let n = pages.length - 1; n >= 0; n--) {
    const page = pages[n]!;
    const at = page.items.findLastIndex((item) => before(order, item, row));
    if (at < 0) continue;
    // Behind everything that is loaded while there is more: it comes with its own page.
    if (n === pages.length - 1 && at === page.items.length - 1 && page.next_cursor) return pages;
    return pages.with(n, { ...page, items: page.items.toSpliced(at + 1, 0, row) });
  }
  const first = pages[0];
  return first ? pages.with(0, { ...first, items: [row, ...first.items] }) : pages;
}

// The loaded rows in their order again; the same pages when they are.
export function sorted(order: Order, pages: Page<CaseRow>[]): Page<CaseRow>[] {
  const rows = pages.flatMap((page) => page.items);
  if (rows.every((row, n) => n === 0 || !before(order, row, rows[n - 1]!))) return pages;
  rows.sort((a, b) => (before(order, a, b) ? -1 : 1));
  let from = 0;
  return pages.map((page) => {
    const items = rows.slice(from, from + page.items.length);
    from += page.items.length;
    return { ...page, items };
  });
}

export function place(
  state: ListState,
  row: CaseRow,
  { view, topic, me, hold_arrivals, keep }: Placing,
): ListState {
  const fits = belongs(view, topic, row, me);
  for (const [n, page] of state.pages.entries()) {
    const items = replace(page.items, row);
    if (!items) continue;
    const kept = fits || keep(row.id) ? items : items.filter((item) => item.id !== row.id);
    return { ...state, pages: state.pages.with(n, { ...page, items: kept }) };
  }
  const waiting = replace(state.arrivals, row);
  if (waiting) return { ...state, arrivals: fits ? waiting : waiting.filter((item) => item.id !== row.id) };
  if (!fits || is_asked(view)) return state;
  if (hold_arrivals) return { ...state, arrivals: [...state.arrivals, row] };
  return { ...state, pages: insert(order_of(view, topic), state.pages, row) };
}

export function show_arrivals(order: Order, state: ListState): ListState {
  let pages = state.pages;
  for (const row of state.arrivals) pages = insert(order, pages, row);
  return { pages, arrivals: [] };
}

export function settle(
  state: ListState,
  view: View,
  topic: Id | null,
  me: Id,
  keep: (id: Id) => boolean,
  may_sort = false,
): ListState {
  let changed = false;
  const pages = state.pages.map((page) => {
    const items = page.items.filter((row) => belongs(view, topic, row, me) || keep(row.id));
    if (items.length === page.items.length) return page;
    changed = true;
    return { ...page, items };
  });
  const kept = changed ? pages : state.pages;
  const ordered = may_sort ? sorted(order_of(view, topic), kept) : kept;
  return ordered === state.pages ? state : { ...state, pages: ordered };
}
