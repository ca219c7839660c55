// Reads a case before it is opened.
import type { QueryClient } from '@tanstack/react-query';
import { case_query } from '../api/queries';
import type { Id } from '../api/types';
import { timeline_query } from './use_timeline';

export function prefetch_case(cache: QueryClient, ws: Id, id: Id): void {
  void cache.prefetchQuery(case_query(ws, id));
  void cache.prefetchQuery(timeline_query(cache, ws, id));
}
