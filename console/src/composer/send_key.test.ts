import { expect, test } from 'vitest';
import { sends } from './send_key';

const enter = {
  key: 'Enter',
  keyCode: 13,
  isComposing: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
};

test('Ctrl or ⌘ with Enter sends', () => {
  expect(sends({ ...enter, ctrlKey: true }, false)).toBe(true);
  expect(sends({ ...enter, metaKey: true }, false)).toBe(true);
});
test('Enter alone only when wished, and never with Shift', () => {
  expect(sends(enter, false)).toBe(false);
  expect(sends(enter, true)).toBe(true);
  expect(sends({ ...enter, shiftKey: true }, true)).toBe(false);
});
test('nothing sends while an input method composes', () => {
  expect(sends({ ...enter, isComposing: true }, true)).toBe(false);
  expect(sends({ ...enter, ctrlKey: true, isComposing: true }, true)).toBe(false);
  expect(sends({ ...enter, keyCode: 229 }, true)).toBe(false);
  expect(sends({ ...enter, ctrlKey: true, keyCode: 229 }, true)).toBe(false);
});
