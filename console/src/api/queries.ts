// Reading: one hook for each thing the screens show.
import {
  type InfiniteData,
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query';
import { call } from './client';
import { key, ws_path } from './keys';
import type {
  Account,
  Alarm,
  AlarmRules,
  ApiToken,
  Approval,
  CaseDetail,
  CasePromises,
  CaseRow,
  ChannelDescriptor,
  Connection,
  Counts,
  Delivery,
  Id,
  Invitation,
  JournalFailure,
  Me,
  Member,
  Notices,
  NotificationSettings,
  Order,
  Page,
  PromiseBook,
  PromiseVersion,
  ReplyRules,
  Roster,
  SampleState,
  SearchHit,
  StreamState,
  Topic,
  View,
  VoiceGuides,
  Webhook,
  WebhookDelivery,
  Workspace,
} from './types';

export type CaseList = InfiniteData<Page<CaseRow>, string | null>;
export const list_page_size = 100;

export function useMe() {
  return useQuery({ queryKey: key.me, queryFn: () => call<Me>('/me'), staleTime: Number.POSITIVE_INFINITY });
}
export function useWorkspace(ws: Id) {
  return useQuery({ queryKey: key.workspace(ws), queryFn: () => call<Workspace>(ws_path(ws)) });
}
export function useCounts(ws: Id) {
  return useQuery({ queryKey: key.counts(ws), queryFn: () => call<Counts>(ws_path(ws, '/cases/counts')) });
}
export function useCases(ws: Id, view: View, topic: Id | null) {
  return useInfiniteQuery({
    queryKey: key.list(ws, view, topic),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ view, limit: String(list_page_size) });
      if (topic) query.set('topic_id', topic);
      if (pageParam) query.set('cursor', pageParam);
      return call<Page<CaseRow>>(ws_path(ws, `/cases?${query}`), { signal });
    },
    getNextPageParam: (page) => page.next_cursor,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
export const case_query = (ws: Id, id: Id) =>
  queryOptions({
    queryKey: key.case_detail(ws, id),
    queryFn: ({ signal }) => call<CaseDetail>(ws_path(ws, `/cases/${id}`), { signal }),
    staleTime: 15_000,
  });
export const useCase = (ws: Id, id: Id) => useQuery(case_query(ws, id));
export function useSearch(ws: Id, query: string) {
  return useInfiniteQuery({
    queryKey: [...key.part(ws, 'search'), query],
    enabled: query.trim() !== '',
    initialPageParam: null as string | null,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) => {
      const params = new URLSearchParams({ q: query });
      if (pageParam) params.set('cursor', pageParam);
      return call<Page<SearchHit>>(ws_path(ws, `/search?${params}`), { signal });
    },
    getNextPageParam: (page) => page.next_cursor,
  });
}

export const useBook = (ws: Id) =>
  useQuery({
    queryKey: key.part(ws, 'promises'),
    queryFn: () => call<PromiseBook>(ws_path(ws, '/promises')),
  });
export const useRoster = (ws: Id) =>
  useQuery({ queryKey: key.part(ws, 'roster'), queryFn: () => call<Roster>(ws_path(ws, '/roster')) });
export const useOrder = (ws: Id) =>
  useQuery({ queryKey: key.part(ws, 'order'), queryFn: () => call<Order>(ws_path(ws, '/order')) });
export const useCasePromises = (ws: Id, id: Id) =>
  useQuery({
    queryKey: [...key.case_detail(ws, id), 'promises'],
    queryFn: () => call<CasePromises>(ws_path(ws, `/cases/${id}/promises`)),
  });

type Part<T> = { items: T[] };
function usePart<T>(ws: Id, name: string, path: string, enabled = true, keep?: (item: T) => boolean) {
  return useQuery({
    queryKey: key.part(ws, name),
    queryFn: async () => (await call<Part<T>>(ws_path(ws, path))).items,
    ...(keep && { select: (items: T[]) => items.filter(keep) }),
    enabled,
  });
}
export const useMembers = (ws: Id) => usePart<Member>(ws, 'members', '/members?limit=200');
export const useAccounts = (ws: Id) => usePart<Account>(ws, 'accounts', '/accounts');
export const useChannels = (ws: Id) => usePart<ChannelDescriptor>(ws, 'channels', '/channels');
export const useTopics = (ws: Id) => usePart<Topic>(ws, 'topics', '/topics');
export const useInvitations = (ws: Id, enabled: boolean) =>
  usePart<Invitation>(ws, 'invitations', '/invitations', enabled);
export const useTokens = (ws: Id, enabled: boolean) =>
  usePart<ApiToken>(ws, 'tokens', '/tokens', enabled, (one) => !one.revoked_at);
export const useJournal = (ws: Id, enabled: boolean) =>
  usePart<JournalFailure>(ws, 'journal', '/journal/failures?limit=200', enabled);
export const useBookVersions = (ws: Id) =>
  usePart<PromiseVersion>(ws, 'promise_versions', '/promises/history');
export const useHolidays = (ws: Id, year: number) =>
  usePart<{ day: string; holiday: string }>(ws, `holidays ${year}`, `/promises/holidays?year=${year}`);
export const useDeliveries = (ws: Id, account: Id) =>
  usePart<Delivery>(ws, `deliveries ${account}`, `/accounts/${account}/deliveries`);
export const useConnection = (ws: Id, account: Id, enabled: boolean) =>
  useQuery({
    queryKey: [...key.part(ws, 'accounts'), account, 'connection'],
    queryFn: () => call<Connection>(ws_path(ws, `/accounts/${account}/connection`)),
    enabled,
    refetchInterval: 15_000,
  });
export const useAlarms = (ws: Id) => usePart<Alarm>(ws, 'alarms', '/alarms?limit=50');
export function useAlarmRules(ws: Id, topic: Id) {
  return useQuery({
    queryKey: key.part(ws, `alarm_rules ${topic}`),
    queryFn: () => call<AlarmRules>(ws_path(ws, `/topics/${topic}/alarm_rules`)),
  });
}
export function useNotices(ws: Id) {
  return useQuery({
    queryKey: key.part(ws, 'notices'),
    queryFn: () => call<Notices>(ws_path(ws, '/notices?limit=100')),
  });
}
export function useNotificationSettings(ws: Id) {
  return useQuery({
    queryKey: key.part(ws, 'notification_settings'),
    queryFn: () => call<NotificationSettings>(ws_path(ws, '/notification_settings')),
  });
}
export const useWebhooks = (ws: Id) => usePart<Webhook>(ws, 'webhooks', '/webhooks');
export const useWebhookDeliveries = (ws: Id, webhook: Id) =>
  usePart<WebhookDelivery>(ws, `webhook_deliveries ${webhook}`, `/webhooks/${webhook}/deliveries`);
export function useStream(ws: Id) {
  return useQuery({
    queryKey: key.part(ws, 'stream'),
    queryFn: () => call<StreamState>(ws_path(ws, '/stream')),
    refetchInterval: 5_000,
  });
}
export function useSample(ws: Id) {
  return useQuery({
    queryKey: key.part(ws, 'sample'),
    queryFn: () => call<SampleState>(ws_path(ws, '/sample')),
    refetchInterval: (query) => (query.state.data?.running ? 5_000 : false),
  });
}
export const useApprovals = (ws: Id) => usePart<Approval>(ws, 'approvals', '/approvals?limit=200');
export function useReplyRules(ws: Id) {
  return useQuery({
    queryKey: key.part(ws, 'reply_rules'),
    queryFn: () => call<ReplyRules>(ws_path(ws, '/reply-rules')),
  });
}
export function useVoiceGuides(ws: Id) {
  return useQuery({
    queryKey: key.part(ws, 'voice_guides'),
    queryFn: () => call<VoiceGuides>(ws_path(ws, '/voice-guides')),
  });
}
