import { beforeAll, expect, test } from 'vitest';
import type { Account } from '../api/types';
import { t, use_language } from '../i18n/i18n';
import { what_came_of_it } from './what_came_of_it';

beforeAll(async () => {
  Object.assign(globalThis, { document: { documentElement: {} } });
  await use_language('en');
});

const tested = (of: Partial<Account>) =>
  what_came_of_it({ network: 'line', status: 'ok', status_detail: '', trouble: '', ...of } as Account);

test('an account works when it was asked and told, whatever else its page says of it', () => {
  expect(tested({}).text).toBe('account.tested');
  expect(tested({ status_detail: 'by_stream' }).text).toBe('account.tested');
  expect(tested({ status: 'starting' }).text).toBe('account.tested');
  expect(tested({ status: 'paused' }).text).toBe('account.status.paused');
});

test('what does not work is said, also when its page is read', () => {
  const toast = tested({ trouble: 'not_allowed: no' });
  expect(toast.text).toBe('account.tested.not');
  expect(toast.tone).toBe('act');
  const words = t('account.detail.not_allowed');
  expect(toast.params?.why).toBe(t('account.detail', { words, said: 'no' }));
});
