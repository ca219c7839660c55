// Short words at the bottom of the screen: what was done (with undo), or what did not work.
import type { Key } from '../i18n/i18n';
import type { Params } from '../i18n/message';

export interface Toast {
  id: number;
  text: Key;
  params?: Params;
  tone: 'plain' | 'act';
  action?: { label: Key; run: () => void };
  until: number;
  progress?: { done: number; of: number; cancel: () => void };
}
export const undo_ms = 8_000;
let toasts: readonly Toast[] = [];
let next_id = 1;
const listeners = new Set<() => void>();
const timers = new Map<number, number>();

function tell(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}
export function show_toast(toast: Omit<Toast, 'id' | 'until'>, for_ms = undo_ms): number {
  const id = next_id++;
  tell([...toasts.slice(-2), { ...toast, id, until: Date.now() + for_ms }]);
  if (!toast.progress) hold(id, for_ms);
  return id;
}
function hold(id: number, for_ms: number): void {
  timers.set(
    id,
    window.setTimeout(() => close_toast(id), for_ms),
  );
}
export function change_toast(id: number, change: Partial<Toast>): void {
  tell(toasts.map((toast) => (toast.id === id ? { ...toast, ...change } : toast)));
}
export function close_toast(id: number): void {
  window.clearTimeout(timers.get(id));
  timers.delete(id);
  tell(toasts.filter((toast) => toast.id !== id));
}
export function last_action(): Toast | undefined {
  return toasts.findLast((toast) => toast.action);
}
export const read_toasts = (): readonly Toast[] => toasts;
export function watch_toasts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// What a screen reader should say without moving the focus.
let said = '';
const ears = new Set<() => void>();
export function announce(text: string): void {
  said = text === said ? `${text}\u200b` : text;
  for (const ear of ears) ear();
}
export const read_announced = (): string => said;
export function watch_announced(ear: () => void): () => void {
  ears.add(ear);
  return () => ears.delete(ear);
}
