import { beforeEach, expect, test, vi } from 'vitest';

const storage = new Map<string, string>();
vi.stubGlobal('localStorage', {
  getItem: (name: string) => storage.get(name) ?? null,
  setItem: (name: string, value: string) => storage.set(name, value),
  removeItem: (name: string) => storage.delete(name),
});
let answer: (path: string, body: Record<string, unknown>) => [number, unknown] | 'offline' = () => 'offline';
const asked: string[] = [];
vi.stubGlobal('fetch', (path: string, { method, body }: { method: string; body?: string }) => {
  const got = answer(path, body ? JSON.parse(body) : {});
  if (got === 'offline') return Promise.reject(new TypeError('no network'));
  asked.push(`${method} ${path.replace('/api/v1/workspaces/1', '')}`);
  return Promise.resolve(new Response(JSON.stringify(got[1]), { status: got[0] }));
});

const { open_queue, send_or_keep, send_waiting, take_back } = await import('./queue');
const path = (rest: string) => `/workspaces/1/cases/${rest}`;
const note = (id: string) => ({ method: 'POST', path: path(`${id}/notes`), body: { text: 'x' } });
const resolve = (id: string) => ({
  method: 'POST',
  path: path(`${id}/resolve`),
  body: { version: 1 },
  seen: { preview: 'Help', assignee_id: null, to: 'resolved' as const },
});
const refusals: string[] = [];
let emptied = 0;
const kept = (me: string) => JSON.parse(storage.get(`kiki.queue.${me}`) ?? '[]').length;
const row = (more: object) => ({
  preview: 'Help',
  assignee_id: null,
  status: 'waiting',
  version: 7,
  ...more,
});

beforeEach(() => {
  storage.clear();
  asked.length = 0;
  refusals.length = 0;
  emptied = 0;
  answer = () => 'offline';
  open_queue(
    '1',
    ({ item, why }) => refusals.push(`${item.path} ${why === 'earlier' ? why : why.code}`),
    () => emptied++,
  );
});

test('what has not left yet can be taken back, once', async () => {
  const item = note('2');
  expect(await send_or_keep(item)).toBe('later');
  expect(kept('1')).toBe(1);
  expect(take_back(item)).toBe(true);
  expect(take_back(item)).toBe(false);
  expect(kept('1')).toBe(0);
});

test('all leave in their order, each once, also when two ask for it', async () => {
  for (const id of ['2', '3', '4']) await send_or_keep(note(id));
  answer = () => [200, {}];
  await Promise.all([send_waiting(), send_waiting()]);
  expect(asked).toEqual(['POST /cases/2/notes', 'POST /cases/3/notes', 'POST /cases/4/notes']);
  expect([kept('1'), emptied, refusals]).toEqual([0, 1, []]);
});

test('a busy server loses nothing, and no one else sends it', async () => {
  await send_or_keep(note('2'));
  answer = () => [503, {}];
  await send_waiting();
  expect([kept('1'), emptied]).toEqual([1, 0]);
  answer = () => [200, {}];
  asked.length = 0;
  open_queue(
    '2',
    () => {},
    () => {},
  );
  await send_waiting();
  expect(asked).toEqual([]);
  expect(kept('1')).toBe(1);
});

test('our own reply does not stand in the way of resolving after it', async () => {
  await send_or_keep({ method: 'POST', path: path('2/replies'), body: {} });
  await send_or_keep(resolve('2'));
  answer = (at, { version }) =>
    at.endsWith('/resolve') && version !== 7 ? [409, { code: 'changed' }] : [200, row({})];
  await send_waiting();
  expect(refusals).toEqual([]);
  expect(asked.at(-1)).toBe('POST /cases/2/resolve');
});

test('a refused reply keeps its case open; other cases go on', async () => {
  await send_or_keep({ method: 'POST', path: path('2/replies'), body: {} });
  await send_or_keep(resolve('2'));
  await send_or_keep(resolve('3'));
  answer = (at) => (at.endsWith('/replies') ? [409, { code: 'answered_meanwhile' }] : [200, row({})]);
  await send_waiting();
  expect(refusals).toEqual([`${path('2/replies')} answered_meanwhile`, `${path('2/resolve')} earlier`]);
  expect(asked).toEqual(['POST /cases/2/replies', 'POST /cases/3/resolve']);
});

test('the customer wrote: not resolved; done already with the answer lost: no fault', async () => {
  await send_or_keep(resolve('2'));
  await send_or_keep(resolve('3'));
  answer = (at) => {
    if (at.endsWith('/resolve')) return [409, { code: 'changed' }];
    return [200, row(at.endsWith('/2') ? { preview: 'And now?' } : { status: 'resolved' })];
  };
  await send_waiting();
  expect(refusals).toEqual([`${path('2/resolve')} changed`]);
  expect(kept('1')).toBe(0);
});
