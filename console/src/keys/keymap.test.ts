import { expect, test } from 'vitest';
import { type KeyPress, read_key, shortcuts } from './keymap';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  keyCode: 0,
  isComposing: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});
const free = { prefix: '', typing: false };
const command = (key: string, more?: Partial<KeyPress>, state = free) =>
  read_key(press(key, more), state).command;

test('every key of the desk has its command', () => {
  const expected = {
    j: 'next',
    k: 'previous',
    Enter: 'open',
    r: 'reply',
    n: 'note',
    e: 'resolve',
    a: 'assign',
    s: 'snooze',
    w: 'watch',
    q: 'opinion',
    f: 'next_best',
    t: 'tag',
    x: 'select',
    '/': 'search',
    '?': 'help',
  };
  for (const [key, id] of Object.entries(expected)) expect(command(key), key).toBe(id);
  expect(command('E', { shiftKey: true })).toBe('resolve_next');
  expect(command('k', { ctrlKey: true })).toBe('commands');
  expect(command('K', { metaKey: true })).toBe('commands');
  expect(command('?', { shiftKey: true })).toBe('help');
});
test('no two commands share a key', () => {
  const keys = shortcuts.map((one) => one.keys);
  expect(new Set(keys).size).toBe(keys.length);
});
test('g waits for its second key', () => {
  const first = read_key(press('g'), free);
  expect(first).toEqual({ command: null, prefix: 'g' });
  expect(read_key(press('m'), { prefix: 'g', typing: false })).toEqual({ command: 'go_mine', prefix: '' });
  expect(read_key(press('i'), { prefix: 'g', typing: false }).command).toBe('go_now');
  expect(read_key(press('q'), { prefix: 'g', typing: false })).toEqual({ command: null, prefix: '' });
});
test('capital letters of caps lock are the plain keys', () => {
  expect(command('J')).toBe('next');
  expect(command('E')).toBe('resolve');
});
test('typing keeps the letters; commands and Escape still work', () => {
  const typing = { prefix: '', typing: true };
  expect(command('e', {}, typing)).toBeNull();
  expect(command('k', { ctrlKey: true }, typing)).toBe('commands');
  expect(command('Escape', {}, typing)).toBe('close');
});
test('nothing happens while an input method composes', () => {
  for (const one of shortcuts) {
    const key = one.keys.split(/[ +]/).at(-1)!;
    expect(command(key, { isComposing: true }), key).toBeNull();
    expect(command(key, { keyCode: 229 }), key).toBeNull();
  }
  expect(command('k', { ctrlKey: true, isComposing: true })).toBeNull();
  // A composed key does not end a waiting prefix either.
  expect(read_key(press('a', { isComposing: true }), { prefix: 'g', typing: false }).prefix).toBe('g');
});
test('shortcuts of the browser stay the browser’s', () => {
  expect(command('r', { ctrlKey: true })).toBeNull();
  expect(command('s', { metaKey: true })).toBeNull();
  expect(command('e', { altKey: true })).toBeNull();
});

test('no key has two commands', () => {
  const keys = shortcuts.map((one) => one.keys);
  expect(keys.filter((one, at) => keys.indexOf(one) !== at)).toEqual([]);
});
