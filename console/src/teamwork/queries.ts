// Reading what the team has: teams, macros, views, rules, and what is said of one case.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { call } from '../api/client';
import { key, ws_path } from '../api/keys';
import type {
  Act,
  ActCase,
  CaseTeamwork,
  Id,
  Macro,
  Page,
  Rule,
  SavedView,
  TagSuggestion,
  TeamsAnswer,
  ViewCount,
} from '../api/types';

function useItems<T>(ws: Id, name: string, path: string, enabled = true) {
  return useQuery({
    queryKey: key.part(ws, name),
    queryFn: async () => (await call<{ items: T[] }>(ws_path(ws, path))).items,
    staleTime: 10_000,
    enabled,
  });
}
export const useTeams = (ws: Id) =>
  useQuery({
    queryKey: key.part(ws, 'teams'),
    queryFn: () => call<TeamsAnswer>(ws_path(ws, '/teams')),
    staleTime: 10_000,
  });
export const useMacros = (ws: Id) => useItems<Macro>(ws, 'macros', '/macros');
export const useViews = (ws: Id) => useItems<SavedView>(ws, 'views', '/views');
export const useRules = (ws: Id, enabled = true) => useItems<Rule>(ws, 'rules', '/rules', enabled);
export const useViewCounts = (ws: Id) => useItems<ViewCount>(ws, 'view_counts', '/views/counts');
export const useCaseTeamwork = (ws: Id, id: Id) =>
  useQuery({
    queryKey: key.part(ws, `teamwork ${id}`),
    queryFn: () => call<CaseTeamwork>(ws_path(ws, `/cases/${id}/teamwork`)),
  });
export const useActs = (ws: Id, of: string) =>
  useInfiniteQuery({
    queryKey: [...key.part(ws, 'acts'), of],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      call<Page<Act>>(ws_path(ws, `/acts?${of}&limit=50${pageParam ? `&cursor=${pageParam}` : ''}`)),
    getNextPageParam: (page) => page.next_cursor,
  });
export const useActCases = (ws: Id, act: Id) =>
  useInfiniteQuery({
    queryKey: [...key.part(ws, 'acts'), 'cases', act],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      call<Page<ActCase>>(
        ws_path(ws, `/acts/${act}/cases?limit=50${pageParam ? `&cursor=${pageParam}` : ''}`),
      ),
    getNextPageParam: (page) => page.next_cursor,
  });
export const useTagSuggestions = (ws: Id, case_id: Id | null) =>
  useQuery({
    queryKey: [...key.part(ws, 'tags'), case_id ?? ''],
    queryFn: async () =>
      (
        await call<{ items: TagSuggestion[] }>(
          ws_path(ws, `/tags?limit=50${case_id ? `&case_id=${case_id}` : ''}`),
        )
      ).items,
    staleTime: 10_000,
  });
