import { expect, test } from 'vitest';
import { expected } from './case_actions';
import type { CaseRow } from './types';

const row = {
  id: '1',
  status: 'open',
  assignee_id: '2',
  tags: ['a'],
  title: 'x',
  dismiss_reason: '',
  snoozed_until: null,
  folded: false,
  due_at: 'd',
} as unknown as CaseRow;

test('what is shown at once', () => {
  expect(expected(row, { kind: 'resolve' })).toMatchObject({ status: 'resolved', due_at: null });
  expect(expected(row, { kind: 'dismiss', reason: 'spam' })).toMatchObject({
    status: 'dismissed',
    dismiss_reason: 'spam',
  });
  expect(expected(row, { kind: 'snooze', until: 't' })).toMatchObject({
    status: 'snoozed',
    snoozed_until: 't',
  });
  expect(expected(row, { kind: 'watch', reason: 'later', until: null })).toMatchObject({
    status: 'watched',
    dismiss_reason: 'later',
    due_at: null,
    snoozed_until: null,
  });
  expect(expected(row, { kind: 'assign', user_id: null }).assignee_id).toBeNull();
});
