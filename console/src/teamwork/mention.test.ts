import { expect, test } from 'vitest';
import { mention_at } from './mention';

test('a name is begun after an @, wide or narrow, and not in an address', () => {
  expect(mention_at('ask @ha')).toEqual({ from: 4, word: 'ha' });
  expect(mention_at('確認お願いします＠田中')).toEqual({ from: 8, word: '田中' });
  expect(mention_at('@田中 花')).toEqual({ from: 0, word: '田中 花' });
  expect(mention_at('hana@example')).toBeNull();
  expect(mention_at('@Hana please look')).toBeNull();
  expect(mention_at('no name')).toBeNull();
});
