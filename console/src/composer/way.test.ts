import { expect, test } from 'vitest';
import { copies_again, pick_way, place_of, way_key, way_place } from './way';

// Two people of one case, both by the same mailbox.
const taro = { account_id: '1', target_post_id: '31', conversation_id: '12', others: [] };
const hana = {
  account_id: '1',
  target_post_id: '30',
  conversation_id: '11',
  others: [{ name: '', address: 'jiro@example.com' }],
};
const ways = [taro, hana];

test('a draft stays with the person it was begun for', () => {
  expect(pick_way(ways, '', '')).toBe(taro);
  expect(pick_way(ways, '', way_place(hana))).toBe(hana);
  // They write again, also with another Reply-To: still the same place.
  const again = { ...hana, target_post_id: '40' };
  expect(pick_way([taro, again], '', way_place(hana))).toBe(again);
  expect(pick_way(ways, way_key(taro), way_place(hana))).toBe(taro);
});

test('what is taken back returns to the person it was written for', () => {
  expect(pick_way(ways, '', place_of({ account_id: '1', id: '11' }))).toBe(hana);
  expect(pick_way(ways, '', place_of({ account_id: '1', id: '12' }))).toBe(taro);
});

test('copies are ticked again for the mail they were ticked for, and for nobody else', () => {
  expect(copies_again(ways, way_place(hana), ['jiro@example.com', 'gone@example.com'])).toEqual({
    way: way_key(hana),
    addresses: ['jiro@example.com'],
  });
  expect(copies_again(ways, way_place(taro), ['jiro@example.com']).addresses).toEqual([]);
});
