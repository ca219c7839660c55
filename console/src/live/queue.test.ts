import { expect, test, vi } from 'vitest';

const storage = new Map<string, string>();
vi.stubGlobal('localStorage', {
  getItem: (name: string) => storage.get(name) ?? null,
  setItem: (name: string, value: string) => storage.set(name, value),
});
vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));

test('what has not left yet can be taken back, once', async () => {
  const { send_or_keep, take_back } = await import('./queue');
  const item = { method: 'POST', path: '/workspaces/1/cases/2/resolve', body: {} };
  expect(await send_or_keep(item)).toBe('later');
  expect(take_back(item)).toBe(true);
  expect(take_back(item)).toBe(false);
  expect(JSON.parse(storage.get('kiki.queue') ?? '')).toEqual([]);
});
