// Names of everything kept in the query cache.
import type { Id, View } from './types';

export const key = {
  me: ['me'] as const,
  workspace: (ws: Id) => ['ws', ws, 'workspace'] as const,
  lists: (ws: Id) => ['ws', ws, 'cases'] as const,
  list: (ws: Id, view: View, topic: Id | null) => ['ws', ws, 'cases', view, topic ?? ''] as const,
  arrivals: (ws: Id, view: View, topic: Id | null) => ['ws', ws, 'arrivals', view, topic ?? ''] as const,
  counts: (ws: Id) => ['ws', ws, 'counts'] as const,
  case_detail: (ws: Id, id: Id) => ['ws', ws, 'case', id] as const,
  timeline: (ws: Id, id: Id) => ['ws', ws, 'timeline', id] as const,
  part: (ws: Id, name: string) => ['ws', ws, name] as const,
};
export const ws_path = (ws: Id, rest = ''): string => `/workspaces/${encodeURIComponent(ws)}${rest}`;
