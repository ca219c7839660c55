// What the server says of a query while it is written: asked a moment after the last key, never while an input method
// composes, and the last answer stays until the next one is here.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { post } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { Folding, Id, Mutes, ParsedQuery, TopicPreview } from '../api/types';

export function useSettled<T>(value: T, wait_ms: number, hold: boolean): T {
  const [settled, settle] = useState(value);
  useEffect(() => {
    if (hold) return;
    const timer = window.setTimeout(() => settle(value), wait_ms);
    return () => window.clearTimeout(timer);
  }, [value, wait_ms, hold]);
  return settled;
}

export function useParsed(ws: Id, query: string) {
  return useQuery({
    queryKey: [...key.part(ws, 'query'), query],
    enabled: query.trim() !== '',
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => ({
      query,
      parsed: await post<ParsedQuery>(ws_path(ws, '/topics/parse'), { query }),
    }),
  });
}

export interface Asked {
  query: string;
  folding: Folding;
  mutes: Mutes;
  topic_id: Id | null;
}
export function usePreview(ws: Id, asked: Asked, enabled: boolean) {
  return useQuery({
    queryKey: [...key.part(ws, 'preview'), asked],
    enabled: enabled && asked.query.trim() !== '',
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
    queryFn: () => post<TopicPreview>(ws_path(ws, '/topics/preview'), asked),
  });
}
