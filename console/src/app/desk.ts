// What every part of a workspace's screen needs to know: who, where, and what they may do.
import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useMemo } from 'react';
import type { Desk } from '../api/case_actions';
import { useAccounts, useMembers } from '../api/queries';
import type { Id, Me, Member, Role, Workspace } from '../api/types';

export interface DeskContext {
  ws: Id;
  me: Me;
  role: Role;
  workspace: Workspace | undefined;
}
export const DeskContext = createContext<DeskContext | null>(null);

const ranks: Role[] = ['viewer', 'agent', 'lead', 'administrator', 'owner'];
export const at_least = (role: Role, wanted: Role): boolean => ranks.indexOf(role) >= ranks.indexOf(wanted);

export function useDesk() {
  const context = useContext(DeskContext);
  if (!context) throw new Error('outside of a workspace');
  const cache = useQueryClient();
  const { ws, me, role } = context;
  const desk: Desk = useMemo(() => ({ cache, ws, me: me.id }), [cache, ws, me.id]);
  return {
    ...context,
    desk,
    can_act: at_least(role, 'agent'),
    can_administer: at_least(role, 'administrator'),
  };
}
export function useMemberOf(id: Id | null): Member | undefined {
  const { ws } = useDesk();
  return useMembers(ws).data?.find((member) => member.user_id === id);
}
export function useMark(network: string): string {
  return mark_of(network);
}
// One or two letters for a network, for small places.
const marks: Record<string, string> = {
  x: 'X',
  instagram: 'in',
  facebook: 'f',
  line: 'L',
  bluesky: 'B',
  mastodon: 'M',
  email: '@',
  chat: 'W',
  whatsapp: 'Wa',
  telegram: 'T',
  open: 'O',
};
export function mark_of(network: string): string {
  return marks[network.toLowerCase()] ?? network.slice(0, 2).replace(/^./, (letter) => letter.toUpperCase());
}
export function useAccountOf(id: Id) {
  const { ws } = useDesk();
  return useAccounts(ws).data?.find((account) => account.id === id);
}
