// Which of the team's questions is open, and for which cases: those that were chosen, or a whole list.
import { useSyncExternalStore } from 'react';
import type { Action, ActRequest, CaseRow, Id, Macro, View } from '../api/types';
import { run_command } from '../keys/commands';

export type TeamDialog = 'macro' | 'hand_over' | 'escalate' | 'several';
// All that stands in a list, whether it was loaded or not; `count` is what the rail says of it.
export interface WholeList {
  view: View;
  topic: Id | null;
  name: string;
}
export type Cases = CaseRow[] | WholeList;
export interface TeamDialogProps {
  of: Cases;
  on_close: () => void;
  on_run: (request: ActRequest) => void;
}
interface Open {
  kind: TeamDialog;
  of: Cases;
  macro?: Macro;
  first?: Action; // what it begins with
}
let open: Open | null = null;
let wanted: Macro | undefined; // chosen before the cases are known
const listeners = new Set<() => void>();
function set(next: Open | null): void {
  open = next;
  for (const listener of listeners) listener();
}
export function open_team_dialog(kind: TeamDialog, of: Cases, first?: Action): void {
  const macro = wanted;
  wanted = undefined;
  set({ kind, of, ...(macro ? { macro } : {}), ...(first ? { first } : {}) });
}
export const rows_of = (of: Cases): CaseRow[] => (Array.isArray(of) ? of : []);
// For the server: which cases are looked at.
export const asked_for = (of: Cases): Pick<ActRequest, 'case_ids' | 'view' | 'topic_id'> =>
  Array.isArray(of)
    ? { case_ids: of.map((row) => row.id) }
    : { view: of.view, ...(of.topic ? { topic_id: of.topic } : {}) };
export const close_team_dialog = (): void => set(null);
// From the command bar: whatever is chosen or open now.
export function run_macro_on_open(macro: Macro): void {
  wanted = macro;
  if (!run_command('macro')) wanted = undefined;
}
export function useTeamDialog(): Open | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => open,
  );
}
