import { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query';
import { expect, test, vi } from 'vitest';
import { key } from '../api/keys';
import type { CaseList } from '../api/queries';
import type { CaseRow, Page } from '../api/types';
import { put_row, watch_answers } from './apply';

const row = (id: string, version = 1): CaseRow =>
  ({
    id,
    status: 'found',
    queue: 'desk',
    folded: false,
    topic_ids: [],
    rank_at: null,
    last_post_at: `2026-01-01T0${id}:00:00Z`,
    version,
  }) as unknown as CaseRow;
const found = key.list('1', 'found', null);

// A list that is asked for, and answered when the test says so.
function asked() {
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const stop = watch_answers(cache, '1', '9');
  const fetch = () => {
    let answer: (items: CaseRow[]) => void = () => undefined;
    const page = new Promise<Page<CaseRow>>((resolve) => {
      answer = (items) => resolve({ items, next_cursor: null });
    });
    const done = cache.fetchInfiniteQuery({
      queryKey: found,
      initialPageParam: null,
      queryFn: () => page,
      staleTime: 0,
    });
    return {
      answer: async (...items: CaseRow[]) => {
        answer(items);
        await done;
      },
    };
  };
  const shown = () => cache.getQueryData<CaseList>(found)?.pages.flatMap(({ items }) => items);
  return { cache, fetch, shown, stop };
}

test('what comes while a list is on its way is not lost with its answer', async () => {
  const { cache, fetch, shown, stop } = asked();
  const first = fetch();
  put_row(cache, '1', '9', row('2'), false);
  await first.answer(row('1'));
  expect(shown()?.map(({ id }) => id)).toEqual(['2', '1']);

  const second = fetch();
  put_row(cache, '1', '9', row('3'), false);
  put_row(cache, '1', '9', row('1', 7), false);
  await second.answer(row('2'), row('1', 6));
  expect(shown()?.map(({ id, version }) => [id, version])).toEqual([
    ['3', 1],
    ['2', 1],
    ['1', 7],
  ]);

  // And an answer that is newer than what came meanwhile stays as it is.
  const third = fetch();
  put_row(cache, '1', '9', row('1', 8), false);
  await third.answer(row('1', 9));
  expect(shown()?.map(({ version }) => version)).toEqual([9]);
  stop();
});

test('each answer is laid over once', async () => {
  const { cache, fetch, shown, stop } = asked();
  const first = fetch();
  put_row(cache, '1', '9', row('2'), false);
  await first.answer();
  await fetch().answer(row('1'));
  expect(shown()?.map(({ id }) => id)).toEqual(['1']);
  stop();
});

test('what was asked and given up leaves nothing for a later answer', async () => {
  const { cache, fetch, shown, stop } = asked();
  await fetch().answer(row('1'));
  const list = new InfiniteQueryObserver(cache, {
    queryKey: found,
    initialPageParam: null,
    queryFn: ({ signal }) =>
      new Promise<Page<CaseRow>>((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      ),
    getNextPageParam: () => null,
    staleTime: 0,
  });
  const leave = list.subscribe(() => undefined);
  await vi.waitFor(() => expect(cache.isFetching({ queryKey: found })).toBe(1));
  put_row(cache, '1', '9', row('2'), false);
  leave(); // another list is opened: nobody waits for this one any more
  await vi.waitFor(() => expect(cache.isFetching({ queryKey: found })).toBe(0));
  expect(shown()?.map(({ id }) => id)).toEqual(['2', '1']); // what came meanwhile stays all the same
  put_row(cache, '1', '9', { ...row('2', 2), status: 'resolved' }, false);
  await fetch().answer(row('1'));
  expect(shown()?.map(({ id }) => id)).toEqual(['1']);
  stop();
});
