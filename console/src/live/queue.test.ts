import { afterEach, beforeEach, expect, test, vi } from 'vitest';

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

const { back_again, forget_back_again, open_queue, send_or_keep, send_waiting, take_back, workspace_of } =
  await import('./queue');
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
const drains: { sent: number; not_done: number; left: number }[] = [];
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
  drains.length = 0;
  answer = () => 'offline';
  forget_back_again();
  open_queue(
    '1',
    ({ item, why }) => refusals.push(`${item.path} ${why === 'earlier' ? why : why.code}`),
    ({ sent, not_done, left }) => {
      emptied++;
      drains.push({ sent, not_done: not_done.length, left });
    },
  );
});
const timers = { setTimeout, clearTimeout };
function fake_timers(): void {
  vi.useFakeTimers();
  Object.assign(window, { setTimeout, clearTimeout });
}
afterEach(() => {
  vi.useRealTimers();
  Object.assign(window, timers);
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

test('what waits of two workspaces leaves in one order, each to its own', async () => {
  const other = { method: 'POST', path: '/workspaces/2/cases/9/notes', body: { text: 'x' } };
  await send_or_keep(note('2'));
  await send_or_keep(other);
  await send_or_keep(note('3'));
  expect([workspace_of(note('2')), workspace_of(other)]).toEqual(['1', '2']);
  answer = () => [200, {}];
  await send_waiting();
  expect(asked).toEqual([
    'POST /cases/2/notes',
    'POST /api/v1/workspaces/2/cases/9/notes',
    'POST /cases/3/notes',
  ]);
  expect(drains).toEqual([{ sent: 3, not_done: 0, left: 0 }]);
});

test('what one workspace refuses keeps nothing of the other back, and says whose it is', async () => {
  const at_other = (rest: string) => `/workspaces/2/cases/${rest}`;
  await send_or_keep({ method: 'POST', path: at_other('9/replies'), body: {} });
  await send_or_keep({ ...resolve('9'), path: at_other('9/resolve') });
  await send_or_keep(note('2'));
  await send_or_keep(resolve('2'));
  // No member there any more.
  answer = (at) => (at.includes('/workspaces/2/') ? [404, { code: 'not_found' }] : [200, row({})]);
  await send_waiting();
  expect(refusals).toEqual([`${at_other('9/replies')} not_found`, `${at_other('9/resolve')} earlier`]);
  expect(back_again()?.not_done.map(({ item }) => workspace_of(item))).toEqual(['2', '2']);
  expect(asked.slice(1)).toEqual(['POST /cases/2/notes', 'POST /cases/2/resolve']);
  expect([kept('1'), drains]).toEqual([0, [{ sent: 2, not_done: 2, left: 0 }]]);
});

test('a later drain still keeps back what follows a refusal; when all has left, the case is free again', async () => {
  await send_or_keep({ method: 'POST', path: path('2/replies'), body: {} });
  await send_or_keep(note('3'));
  await send_or_keep(resolve('2'));
  answer = (at) => (at.endsWith('/replies') ? [409, { code: 'answered_meanwhile' }] : [503, {}]);
  await send_waiting();
  expect([kept('1'), refusals]).toEqual([2, [`${path('2/replies')} answered_meanwhile`]]);
  answer = () => [200, row({})];
  await send_waiting();
  expect(refusals.at(-1)).toBe(`${path('2/resolve')} earlier`);
  expect(asked).not.toContain('POST /cases/2/resolve');
  // Both drains are told as one, until somebody has read it.
  expect([back_again()?.sent, back_again()?.not_done.length]).toEqual([1, 2]);
  forget_back_again();
  expect(back_again()).toBeNull();
  answer = () => 'offline';
  await send_or_keep(resolve('2'));
  answer = () => [200, row({})];
  await send_waiting();
  expect(asked.at(-1)).toBe('POST /cases/2/resolve');
  expect([kept('1'), back_again()]).toEqual([0, null]);
});

test('a drain that is cut off goes on where it was, by itself', async () => {
  for (const id of ['2', '3', '4']) await send_or_keep(note(id));
  fake_timers();
  answer = (at) => (at.includes('/3/') ? 'offline' : [200, {}]);
  await send_waiting();
  expect([asked, kept('1')]).toEqual([['POST /cases/2/notes'], 2]);
  answer = () => [200, {}];
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked.filter((one) => one.startsWith('POST'))).toEqual([
    'POST /cases/2/notes',
    'POST /cases/3/notes',
    'POST /cases/4/notes',
  ]);
  expect([kept('1'), drains.map((one) => one.sent)]).toEqual([0, [1, 2]]);
});

test('who must sign in first loses nothing, and is not asked for again and again', async () => {
  await send_or_keep(note('2'));
  fake_timers();
  answer = () => [401, {}];
  await send_waiting();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([asked.filter((one) => one.startsWith('POST')).length, kept('1'), drains]).toEqual([1, 1, []]);
  answer = () => [200, {}];
  await send_waiting();
  expect(kept('1')).toBe(0);
});

test('nothing overtakes what waits, also when the server answers again', async () => {
  await send_or_keep(note('2'));
  answer = () => [200, {}];
  expect(await send_or_keep(note('3'))).toBe('later');
  await send_waiting();
  expect(asked).toEqual(['POST /cases/2/notes', 'POST /cases/3/notes']);
});

test('of an act on many cases it is told how many would not have it', async () => {
  await send_or_keep({ method: 'POST', path: '/workspaces/1/acts', body: {} });
  await send_or_keep({ method: 'POST', path: '/workspaces/1/acts', body: {} });
  answer = () => [201, { refused: 2 }];
  await send_waiting();
  expect(drains).toEqual([{ sent: 2, not_done: 0, left: 4 }]);
});

test('another tab takes over what this one wrote', async () => {
  await send_or_keep(note('2'));
  const written = JSON.parse(storage.get('kiki.queue.1') ?? '[]');
  storage.set('kiki.queue.1', JSON.stringify([...written, { ...note('5'), id: 'of another tab' }]));
  answer = () => [200, {}];
  await send_waiting();
  expect(asked).toEqual(['POST /cases/2/notes', 'POST /cases/5/notes']);
});
