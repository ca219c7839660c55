// Which key press sends. Pure: Ctrl/⌘+Enter always, Enter alone only when the person wished so, never while composing.
import { composes } from '../keys/keymap';

interface Press {
  key: string;
  keyCode: number;
  isComposing: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}
export function sends(press: Press, enter_sends: boolean): boolean {
  if (press.key !== 'Enter' || composes(press)) return false;
  if (press.ctrlKey || press.metaKey) return !press.altKey;
  return enter_sends && !press.shiftKey && !press.altKey;
}
