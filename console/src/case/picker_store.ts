// Which small question is open (to whom, until when, why, which tags), and for which cases.
import { useSyncExternalStore } from 'react';
import type { CaseRow } from '../api/types';

export type PickerKind = 'assign' | 'snooze' | 'dismiss' | 'watch' | 'opinion' | 'tag' | 'title';
interface Open {
  kind: PickerKind;
  rows: CaseRow[];
}
let open: Open | null = null;
const listeners = new Set<() => void>();
function set(next: Open | null): void {
  open = next;
  for (const listener of listeners) listener();
}
export const open_picker = (kind: PickerKind, rows: CaseRow[]): void => set({ kind, rows });
export const close_picker = (): void => set(null);
export function usePicker(): Open | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => open,
  );
}
