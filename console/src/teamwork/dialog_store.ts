// Which of the team's questions is open, and for which cases.
import { useSyncExternalStore } from 'react';
import type { ActRequest, CaseRow, Macro } from '../api/types';
import { run_command } from '../keys/commands';

export type TeamDialog = 'macro' | 'hand_over' | 'escalate' | 'several';
export interface TeamDialogProps {
  rows: CaseRow[];
  on_close: () => void;
  on_run: (request: ActRequest) => void;
}
interface Open {
  kind: TeamDialog;
  rows: CaseRow[];
  macro?: Macro;
}
let open: Open | null = null;
let wanted: Macro | undefined; // chosen before the cases are known
const listeners = new Set<() => void>();
function set(next: Open | null): void {
  open = next;
  for (const listener of listeners) listener();
}
export function open_team_dialog(kind: TeamDialog, rows: CaseRow[]): void {
  const macro = wanted;
  wanted = undefined;
  set({ kind, rows, ...(macro ? { macro } : {}) });
}
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
