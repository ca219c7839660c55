// Routes by path over the history API. Parsing is a pure function so that it can be tested.
import { useSyncExternalStore } from 'react';
import type { BuiltInView, Id, View } from '../api/types';

export const views: readonly BuiltInView[] = [
  'now',
  'mine',
  'found',
  'folded',
  'waiting',
  'snoozed',
  'watched',
  'purchase',
  'opinions',
  'resolved',
  'dismissed',
  'all',
];
export const settings_pages = [
  'general',
  'accounts',
  'chat',
  'reach',
  'topics',
  'replies',
  'library',
  'rewards',
  'promises',
  'roster',
  'order',
  'teams',
  'rules',
  'macros',
  'views',
  'customers',
  'members',
  'tokens',
  'journal',
  'notifications',
  'webhooks',
  'me',
] as const;
export type SettingsPage = (typeof settings_pages)[number];

export type Route =
  | { page: 'setup'; token: string }
  | { page: 'login'; token: string }
  | { page: 'invite'; token: string }
  | { page: 'home' }
  | { page: 'welcome'; workspace: Id }
  | { page: 'inbox'; workspace: Id; view: View; topic: Id | null; case_id: Id | null }
  | { page: 'search'; workspace: Id; query: string; case_id: Id | null }
  | { page: 'approvals'; workspace: Id }
  | { page: 'topic'; workspace: Id; topic: Id | null; edit: boolean }
  | { page: 'notices'; workspace: Id }
  | { page: 'settings'; workspace: Id; section: SettingsPage; item?: Id }
  | { page: 'unknown' };

export function parse_route(path: string, search = '', hash = ''): Route {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  const query = new URLSearchParams(search);
  if (parts.length === 0) return { page: 'home' };
  if (parts[0] === 'setup') return { page: 'setup', token: hash.replace(/^#/, '') };
  if (parts[0] === 'login') return { page: 'login', token: hash.replace(/^#/, '') };
  if (parts[0] === 'invite' && parts[1]) return { page: 'invite', token: parts[1] };
  if (parts[0] !== 'w' || !parts[1]) return { page: 'unknown' };
  const workspace = parts[1];
  const case_at = parts.indexOf('case', 3);
  const case_id = case_at > 0 ? (parts[case_at + 1] ?? null) : null;
  const place = parts[2] ?? 'now';
  if (place === 'welcome') return { page: 'welcome', workspace };
  if (place === 'search') return { page: 'search', workspace, query: query.get('q') ?? '', case_id };
  if (place === 'approvals') return { page: 'approvals', workspace };
  if (place === 'topics') {
    const topic = parts[3] && parts[3] !== 'new' ? parts[3] : null;
    return { page: 'topic', workspace, topic, edit: topic === null || parts[4] === 'edit' };
  }
  if (place === 'notices') return { page: 'notices', workspace };
  if (place === 'settings') {
    const section = settings_pages.find((name) => name === parts[3]) ?? 'general';
    // One of the section's things has a page of its own: an account.
    const item = section === 'accounts' && /^[0-9]+$/.test(parts[4] ?? '') ? parts[4] : undefined;
    return { page: 'settings', workspace, section, ...(item ? { item } : {}) };
  }
  const view = /^((saved|team|member):[0-9]+|due:(overdue|soon|failed))$/.test(place)
    ? (place as View)
    : views.find((name) => name === place);
  if (!view) return { page: 'unknown' };
  return { page: 'inbox', workspace, view, topic: query.get('topic'), case_id };
}

export function inbox_path(workspace: Id, view: View, case_id?: Id | null, topic?: Id | null): string {
  const tail = case_id ? `/case/${encodeURIComponent(case_id)}` : '';
  return `/w/${encodeURIComponent(workspace)}/${view}${tail}${topic ? `?topic=${encodeURIComponent(topic)}` : ''}`;
}
export function search_path(workspace: Id, query: string, case_id?: Id | null): string {
  const tail = case_id ? `/case/${encodeURIComponent(case_id)}` : '';
  return `/w/${encodeURIComponent(workspace)}/search${tail}?q=${encodeURIComponent(query)}`;
}
export const approvals_path = (workspace: Id): string => `/w/${encodeURIComponent(workspace)}/approvals`;
// null: a new one
export function topic_path(workspace: Id, topic: Id | null, edit = false): string {
  const tail = topic ? `${encodeURIComponent(topic)}${edit ? '/edit' : ''}` : 'new';
  return `/w/${encodeURIComponent(workspace)}/topics/${tail}`;
}
export function notices_path(workspace: Id): string {
  return `/w/${encodeURIComponent(workspace)}/notices`;
}
export function settings_path(workspace: Id, section: SettingsPage, item?: Id): string {
  return `/w/${encodeURIComponent(workspace)}/settings/${section}${item ? `/${encodeURIComponent(item)}` : ''}`;
}

const listeners = new Set<() => void>();
let current = '';
let route: Route = { page: 'home' };
function read(): Route {
  const { pathname, search, hash } = window.location;
  const here = pathname + search + hash;
  if (here !== current) {
    current = here;
    route = parse_route(pathname, search, hash);
  }
  return route;
}
function tell(): void {
  for (const listener of listeners) listener();
}
export function go(path: string, { replace = false } = {}): void {
  if (path === window.location.pathname + window.location.search) return;
  if (replace) window.history.replaceState(null, '', path);
  else window.history.pushState(null, '', path);
  tell();
}
export function current_route(): Route {
  return read();
}
export function useRoute(): Route {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    window.addEventListener('popstate', listener);
    return () => {
      listeners.delete(listener);
      window.removeEventListener('popstate', listener);
    };
  }, read);
}
