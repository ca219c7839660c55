// Reading what the customer card shows beyond the case.
import { type QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { call } from '../api/client';
import { key, ws_path } from '../api/keys';
import type {
  CustomerFacts,
  Id,
  Page,
  Person,
  PersonCase,
  PersonChange,
  PersonFields,
  PersonPost,
  SamePerson,
} from '../api/types';

export const person_key = (ws: Id, id: Id, part = ''): string[] => [
  ...key.part(ws, 'person'),
  id,
  ...(part ? [part] : []),
];
const of_person = (ws: Id, id: Id, part: string): string => ws_path(ws, `/people/${id}/${part}`);

export function usePersonFields(ws: Id) {
  return useQuery({
    queryKey: key.part(ws, 'person_fields'),
    queryFn: () => call<PersonFields>(ws_path(ws, '/person_fields')),
  });
}
function usePersonList<T>(ws: Id, id: Id, part: string) {
  return useQuery({
    queryKey: person_key(ws, id, part),
    queryFn: async () => (await call<{ items: T[] }>(of_person(ws, id, part))).items,
  });
}
export const useSamePerson = (ws: Id, id: Id) => usePersonList<SamePerson>(ws, id, 'suggestions');
export const usePersonChanges = (ws: Id, id: Id) => usePersonList<PersonChange>(ws, id, 'changes');
export const usePersonTags = (ws: Id, id: Id) =>
  usePersonList<{ tag: string; cases: number }>(ws, id, 'tags');

export function useCustomerFacts(ws: Id, id: Id) {
  return useQuery({
    queryKey: person_key(ws, id, 'facts'),
    queryFn: ({ signal }) => call<CustomerFacts>(of_person(ws, id, 'facts'), { signal }),
    // Somebody else asks at this moment: their answer is there soon.
    refetchInterval: (query) => (query.state.data?.state === 'busy' ? 2_000 : false),
    staleTime: 60_000,
  });
}
// Newest first, page by page.
function usePersonPages<T>(ws: Id, id: Id, part: string, query: Record<string, string> = {}) {
  return useInfiniteQuery({
    queryKey: [...person_key(ws, id, part), query],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const asked = new URLSearchParams({
        limit: '50',
        ...query,
        ...(pageParam ? { cursor: pageParam } : {}),
      });
      return call<Page<T>>(of_person(ws, id, `${part}?${asked}`), { signal });
    },
    getNextPageParam: (page) => page.next_cursor,
  });
}
export const usePersonPosts = (ws: Id, id: Id) => usePersonPages<PersonPost>(ws, id, 'posts');
export const usePersonCases = (ws: Id, id: Id, tag: string) =>
  usePersonPages<PersonCase>(ws, id, 'cases', tag ? { tag } : {});
export function useFindPeople(ws: Id, query: string) {
  return useQuery({
    queryKey: [...key.part(ws, 'find_people'), query],
    enabled: query !== '',
    queryFn: async ({ signal }) =>
      (
        await call<{ items: Person[] }>(ws_path(ws, `/people?${new URLSearchParams({ q: query })}`), {
          signal,
        })
      ).items,
  });
}
// Whoever was joined or taken apart may stand in any list, case or card.
export function ask_people_again(cache: QueryClient, ws: Id): void {
  for (const part of ['person', 'case', 'cases', 'search'])
    void cache.invalidateQueries({ queryKey: key.part(ws, part) });
}
