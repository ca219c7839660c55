import { useMembers, useTopics } from '../api/queries';
import { useDesk } from '../app/desk';
import { useTeams } from './queries';
import type { Names } from './words';

export function useNames(): Names {
  const { ws } = useDesk();
  return {
    members: useMembers(ws).data ?? [],
    teams: useTeams(ws).data?.items ?? [],
    topics: useTopics(ws).data ?? [],
  };
}
