import { expect, test } from 'vitest';
import { fill } from './message';

test('parameters and plurals', () => {
  expect(fill('{name} is here', { name: 'Kei' })).toBe('Kei is here');
  expect(fill('{count} 件', { count: 1200 }, 'ja')).toBe('1,200 件');
  const cases = '{count, plural, =0 {none} one {# case of {name}} other {# cases}}';
  expect(fill(cases, { count: 0 })).toBe('none');
  expect(fill(cases, { count: 1, name: 'Kei' })).toBe('1 case of Kei');
  expect(fill(cases, { count: 3 })).toBe('3 cases');
  expect(fill('{count, plural, =1 {1 件} other {# 件まとめて}}', { count: 1 }, 'ja')).toBe('1 件');
});
test('what a customer wrote is never a pattern', () => {
  expect(fill('{name}!', { name: '{count, plural, other {x}}' })).toBe('{count, plural, other {x}}!');
});
test('a broken message shows itself instead of failing', () => {
  expect(fill('open {name', { name: 'x' })).toBe('open {name');
});
test('no space between Japanese and Japanese', () => {
  expect(fill('{network} で {handle} から返信', { network: 'メール', handle: '@minato' }, 'ja')).toBe(
    'メールで @minato から返信',
  );
  expect(fill('{network} で返信', { network: 'X' }, 'ja')).toBe('X で返信');
  expect(fill('設定は {name} です', { name: '佐伯 みのり' }, 'ja')).toBe('設定は佐伯 みのりです');
});
