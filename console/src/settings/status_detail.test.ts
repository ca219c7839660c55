import { beforeAll, expect, test } from 'vitest';
import { t, use_language } from '../i18n/i18n';
import { hook_note, status_detail } from './status_detail';

beforeAll(async () => {
  Object.assign(globalThis, { document: { documentElement: {} } });
  await use_language('en');
});

test('a known word is said in words, with what the network said behind it', () => {
  expect(status_detail('by_stream')).toBe(t('account.detail.by_stream'));
  expect(status_detail('session_ended')).toBe(t('error.session_ended'));
  const words = t('account.detail.away');
  expect(status_detail('away: cannot reach x: {it} is off')).toBe(
    t('account.detail', { words, said: 'cannot reach x: {it} is off' }),
  );
});

test('what a call was is said in words; names of the network stay', () => {
  expect(hook_note('3 events; the token has ended')).toBe(
    `${t('account.hook.note.events', { count: 3 })}; the token has ended`,
  );
  expect(hook_note('not stored, asked to call again')).toBe(
    t('account.hook.note.not_stored_asked_to_call_again'),
  );
  expect(hook_note('post.mention.create')).toBe('post.mention.create');
  expect(status_detail('calls_refused: wrong signature')).toContain(t('account.hook.note.wrong_signature'));
});

test('what has no words is shown as it came', () => {
  expect(status_detail('')).toBe('');
  expect(status_detail('the mailbox is full')).toBe('the mailbox is full');
  expect(status_detail('nobody_knows: this')).toBe('nobody_knows: this');
});
