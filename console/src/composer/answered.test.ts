import { expect, test } from 'vitest';
import type { PostItem, Reply, ReplyState } from '../api/types';
import { colleague_answer } from './answered';

const answer = (by: string, state: ReplyState, deleted_at: string | null = null) =>
  ({
    type: 'post',
    id: '1200',
    direction: 'out',
    author: { user_id: by },
    deleted_at,
    reply: { state } as Reply,
  }) as PostItem;

test('a colleague answered behind what was seen', () => {
  expect(colleague_answer([answer('2', 'confirmed')], '999', '1')?.id).toBe('1200');
  expect(colleague_answer([answer('2', 'held')], '999', '1')?.id).toBe('1200');
  expect(colleague_answer([answer('2', 'confirmed')], '1200', '1')).toBeUndefined();
  expect(colleague_answer([answer('1', 'confirmed')], '999', '1')).toBeUndefined();
});

test('what is gone, failed or was taken back is no answer', () => {
  expect(colleague_answer([answer('2', 'failed')], '999', '1')).toBeUndefined();
  expect(colleague_answer([answer('2', 'cancelled')], '999', '1')).toBeUndefined();
  expect(colleague_answer([answer('2', 'confirmed', '2026-01-01T00:00:00Z')], '999', '1')).toBeUndefined();
});
