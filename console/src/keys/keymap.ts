// Which key means which command. Pure, and silent while an input method composes.
export type CommandId =
  | 'next'
  | 'previous'
  | 'open'
  | 'reply'
  | 'note'
  | 'resolve'
  | 'resolve_next'
  | 'assign'
  | 'assign_me'
  | 'snooze'
  | 'watch'
  | 'opinion'
  | 'next_best'
  | 'tag'
  | 'dismiss'
  | 'take_back'
  | 'like'
  | 'thank'
  | 'repost'
  | 'select'
  | 'select_all'
  | 'undo'
  | 'macro'
  | 'hand_over'
  | 'follow'
  | 'escalate'
  | 'person'
  | 'go_now'
  | 'go_mine'
  | 'go_found'
  | 'go_waiting'
  | 'go_snoozed'
  | 'go_watched'
  | 'go_purchase'
  | 'go_opinions'
  | 'go_resolved'
  | 'go_dismissed'
  | 'go_all'
  | 'go_approvals'
  | 'go_settings'
  | 'search'
  | 'commands'
  | 'help'
  | 'close';

export const shortcuts: readonly {
  keys: string;
  command: CommandId;
  group: 'move' | 'case' | 'go' | 'desk';
}[] = [
  { keys: 'j', command: 'next', group: 'move' },
  { keys: 'k', command: 'previous', group: 'move' },
  { keys: 'f', command: 'next_best', group: 'move' },
  { keys: 'Enter', command: 'open', group: 'move' },
  { keys: 'x', command: 'select', group: 'move' },
  { keys: 'Shift+X', command: 'select_all', group: 'move' },
  { keys: 'Escape', command: 'close', group: 'move' },
  { keys: 'r', command: 'reply', group: 'case' },
  { keys: 'n', command: 'note', group: 'case' },
  { keys: 'e', command: 'resolve', group: 'case' },
  { keys: 'Shift+E', command: 'resolve_next', group: 'case' },
  { keys: 'a', command: 'assign', group: 'case' },
  { keys: 'm', command: 'assign_me', group: 'case' },
  { keys: 's', command: 'snooze', group: 'case' },
  { keys: 'w', command: 'watch', group: 'case' },
  { keys: 'q', command: 'opinion', group: 'case' },
  { keys: 't', command: 'tag', group: 'case' },
  { keys: 'd', command: 'dismiss', group: 'case' },
  { keys: 'o', command: 'take_back', group: 'case' },
  { keys: 'c', command: 'macro', group: 'case' },
  { keys: 'h', command: 'hand_over', group: 'case' },
  { keys: 'i', command: 'follow', group: 'case' },
  { keys: 'u', command: 'escalate', group: 'case' },
  { keys: 'l', command: 'like', group: 'case' },
  { keys: 'y', command: 'thank', group: 'case' },
  { keys: 'b', command: 'repost', group: 'case' },
  { keys: 'z', command: 'undo', group: 'case' },
  { keys: 'p', command: 'person', group: 'case' },
  { keys: 'g i', command: 'go_now', group: 'go' },
  { keys: 'g m', command: 'go_mine', group: 'go' },
  { keys: 'g f', command: 'go_found', group: 'go' },
  { keys: 'g w', command: 'go_waiting', group: 'go' },
  { keys: 'g z', command: 'go_snoozed', group: 'go' },
  { keys: 'g h', command: 'go_watched', group: 'go' },
  { keys: 'g b', command: 'go_purchase', group: 'go' },
  { keys: 'g o', command: 'go_opinions', group: 'go' },
  { keys: 'g r', command: 'go_resolved', group: 'go' },
  { keys: 'g d', command: 'go_dismissed', group: 'go' },
  { keys: 'g a', command: 'go_all', group: 'go' },
  { keys: 'g p', command: 'go_approvals', group: 'go' },
  { keys: 'g s', command: 'go_settings', group: 'go' },
  { keys: '/', command: 'search', group: 'desk' },
  { keys: 'Mod+K', command: 'commands', group: 'desk' },
  { keys: '?', command: 'help', group: 'desk' },
];

export interface KeyPress {
  key: string;
  keyCode: number;
  isComposing: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}
export interface KeyState {
  prefix: string; // "g" was pressed a moment ago
  typing: boolean; // the focus is in a text field
}
export interface KeyAnswer {
  command: CommandId | null;
  prefix: string;
}

export function composes(event: { isComposing: boolean; keyCode: number }): boolean {
  return event.isComposing || event.keyCode === 229;
}

export function read_key(press: KeyPress, state: KeyState): KeyAnswer {
  if (composes(press)) return { command: null, prefix: state.prefix };
  if ((press.ctrlKey || press.metaKey) && !press.altKey && press.key.toLowerCase() === 'k')
    return { command: 'commands', prefix: '' };
  if (press.ctrlKey || press.metaKey || press.altKey) return { command: null, prefix: '' };
  if (press.key === 'Escape') return { command: 'close', prefix: '' };
  if (state.typing) return { command: null, prefix: '' };
  if (press.key === 'Shift') return { command: null, prefix: state.prefix };
  const name = press.shiftKey && /^[a-z]$/i.test(press.key) ? `Shift+${press.key.toUpperCase()}` : press.key;
  const letter = /^[A-Z]$/.test(name) ? name.toLowerCase() : name; // caps lock
  const keys = state.prefix ? `${state.prefix} ${letter}` : letter;
  const hit = shortcuts.find((one) => one.keys === keys);
  if (hit) return { command: hit.command, prefix: '' };
  return { command: null, prefix: keys === 'g' ? 'g' : '' };
}

export function is_typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT') return true;
  return (
    target.tagName === 'INPUT' && !['checkbox', 'radio', 'button'].includes((target as HTMLInputElement).type)
  );
}
const apple = /mac|iphone|ipad/i.test(typeof navigator === 'undefined' ? '' : navigator.userAgent);
export function key_label(keys: string): string {
  return keys
    .replace('Mod+', apple ? '⌘' : 'Ctrl+')
    .replace('Shift+', apple ? '⇧' : 'Shift+')
    .replace('Escape', 'Esc')
    .replace('Enter', '⏎');
}
export const shortcut_of = (command: CommandId): string | undefined =>
  shortcuts.find((one) => one.command === command)?.keys;
