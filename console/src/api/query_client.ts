// The cache. Lists are kept fresh by live events, so nothing is fetched again for its age alone.
import { QueryClient } from '@tanstack/react-query';
import { ApiError, OfflineError } from './client';

export const query_client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      networkMode: 'always',
      retry: (count, error) => {
        if (error instanceof OfflineError) return false;
        if (error instanceof ApiError) return error.status >= 500 && count < 2;
        return count < 1;
      },
    },
    mutations: { networkMode: 'always' },
  },
});
