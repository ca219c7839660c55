// Reading what a reply is made of.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from './client';
import { key, ws_path } from './keys';
import type {
  GivenCode,
  ReplyAsset,
  ReplyKit,
  ReplyOffer,
  RewardList,
  SavedReply,
  SavedResult,
} from './kit_types';
import type { Id, ReplyWay } from './types';

type Items<T> = { items: T[] };
function useItems<T>(ws: Id, name: string, path: string, enabled = true) {
  return useQuery({
    queryKey: key.part(ws, name),
    queryFn: async () => (await call<Items<T>>(ws_path(ws, path))).items,
    enabled,
  });
}
export const useSavedReplies = (ws: Id) => useItems<SavedReply>(ws, 'saved_replies', '/saved-replies');
export const useSavedResults = (ws: Id) =>
  useItems<SavedResult>(ws, 'saved_results', '/saved-replies/results');
export const useAssets = (ws: Id) => useItems<ReplyAsset>(ws, 'reply_assets', '/reply-assets');
export const useRewardLists = (ws: Id, enabled = true) =>
  useItems<RewardList>(ws, 'reward_lists', '/reward-lists', enabled);
export const useGivenCodes = (ws: Id, list: Id, enabled: boolean) =>
  useItems<GivenCode>(ws, `given_codes ${list}`, `/reward-lists/${list}/given?limit=100`, enabled);

const of = (way: ReplyWay): string => `target_post_id=${way.target_post_id}&account_id=${way.account_id}`;
export function useReplyKit(ws: Id, case_id: Id, way: ReplyWay, enabled: boolean) {
  return useQuery({
    queryKey: [...key.case_detail(ws, case_id), 'kit', way.account_id, way.target_post_id],
    queryFn: ({ signal }) =>
      call<ReplyKit>(ws_path(ws, `/cases/${case_id}/reply-kit?${of(way)}`), { signal }),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    enabled,
  });
}
export function useOffers(ws: Id, case_id: Id, way: ReplyWay, query: string | null) {
  return useQuery({
    queryKey: [...key.part(ws, 'saved_replies'), case_id, way.account_id, way.target_post_id, query],
    queryFn: async ({ signal }) => {
      const path = `/cases/${case_id}/saved-replies?${of(way)}&limit=30&q=${encodeURIComponent(query ?? '')}`;
      return (await call<Items<ReplyOffer>>(ws_path(ws, path), { signal })).items;
    },
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    enabled: query !== null,
  });
}
