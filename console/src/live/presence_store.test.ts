import { expect, test } from 'vitest';
import type { Presence } from '../api/types';
import { merge_presence } from './presence_store';

const one = (user_id: string, state: Presence['state']): Presence => ({
  case_id: '1',
  user_id,
  name: user_id,
  initials: '',
  state,
});

test('people come, change and go', () => {
  let all = merge_presence(new Map(), one('a', 'looking'));
  all = merge_presence(all, one('b', 'looking'));
  all = merge_presence(all, one('a', 'writing'));
  expect(all.get('1')?.map((p) => [p.user_id, p.state])).toEqual([
    ['b', 'looking'],
    ['a', 'writing'],
  ]);
  all = merge_presence(merge_presence(all, one('a', 'gone')), one('b', 'gone'));
  expect(all.has('1')).toBe(false);
});
