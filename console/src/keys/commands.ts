// The commands that make sense right now: screens register what they can do, keys and the command bar run it.
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { type CommandId, is_typing, read_key } from './keymap';

export type { CommandId };

type Run = () => void;
const stacks = new Map<CommandId, { run: Run; rank: number }[]>();
let version = 0;
const listeners = new Set<() => void>();
const tell = (): void => {
  version++;
  for (const listener of listeners) listener();
};

// The last registered answers; a higher rank goes before it (a selection before the open case).
export function useCommand(id: CommandId, run: Run, enabled = true, rank = 0): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    if (!enabled) return;
    const entry = { run: () => latest.current(), rank };
    const stack = stacks.get(id) ?? [];
    stack.push(entry);
    stacks.set(id, stack);
    tell();
    return () => {
      stack.splice(stack.indexOf(entry), 1);
      tell();
    };
  }, [id, enabled, rank]);
}
export function run_command(id: CommandId): boolean {
  const entry = (stacks.get(id) ?? []).reduce<{ run: Run; rank: number } | undefined>(
    (best, one) => (best && best.rank > one.rank ? best : one),
    undefined,
  );
  entry?.run();
  return entry !== undefined;
}
export function useAvailable(): ReadonlySet<CommandId> {
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => version,
  );
  return new Set([...stacks].filter(([, stack]) => stack.length > 0).map(([id]) => id));
}

// Somebody asked to write before the composer is there: what they type next must not act as keys.
let held_until = 0;
export function hold_keys(for_ms: number): void {
  held_until = Date.now() + for_ms;
}
// A dialog or menu owns the keyboard while it is open.
const overlay = '[role="dialog"],[role="alertdialog"],[role="menu"]';

export function listen_to_keys(): () => void {
  let prefix = '';
  let timer = 0;
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return;
    if (Date.now() < held_until) {
      if (!is_typing(event.target) && event.key.length === 1) event.preventDefault();
      return;
    }
    const target = event.target;
    const answer = read_key(event, { prefix, typing: is_typing(target) });
    prefix = answer.prefix;
    window.clearTimeout(timer);
    if (prefix) timer = window.setTimeout(() => (prefix = ''), 1_200);
    if (!answer.command) return;
    if (document.querySelector(overlay)) return;
    // Enter on a button or link is that button's.
    const on_control = target instanceof HTMLElement && target.closest('button,a,summary,[role="menuitem"]');
    if (answer.command === 'open' && on_control) return;
    if (run_command(answer.command)) event.preventDefault();
  };
  window.addEventListener('keydown', press);
  return () => window.removeEventListener('keydown', press);
}
