// A case's timeline in the cache: the newest page is laid over what is loaded, older pages are put before it.
import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { Id, Timeline } from '../api/types';
import { merge_newest, merge_older } from '../live/timeline_merge';

export const timeline_query = (cache: QueryClient, ws: Id, id: Id) =>
  queryOptions({
    queryKey: key.timeline(ws, id),
    staleTime: 15_000,
    queryFn: async ({ signal }) => {
      const page = await call<Timeline>(ws_path(ws, `/cases/${id}/timeline?limit=100`), { signal });
      return merge_newest(cache.getQueryData<Timeline>(key.timeline(ws, id)), page);
    },
  });

export function useTimeline(ws: Id, id: Id) {
  const cache = useQueryClient();
  const name = key.timeline(ws, id);
  const [loading_older, set_loading] = useState(false);
  const query = useQuery(timeline_query(cache, ws, id));
  const load_older = async (): Promise<void> => {
    const before = query.data?.before;
    if (!before || loading_older) return;
    set_loading(true);
    try {
      const page = await call<Timeline>(
        ws_path(ws, `/cases/${id}/timeline?limit=100&before=${encodeURIComponent(before)}`),
      );
      cache.setQueryData<Timeline>(name, (old) => (old ? merge_older(old, page) : page));
    } finally {
      set_loading(false);
    }
  };
  return { ...query, load_older, loading_older };
}
