// Building a topic on a desk that has posts: what the preview counts, what the stored posts say of the query, and that
// an edit is heard at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk, open_post } from '../support/desk.mjs';
import { each_store } from '../support/stores.mjs';
import { until } from '../support/wait.mjs';

each_store((settings) => {
  let desk;
  let shop;
  before(async () => {
    desk = await Desk.open({ settings: await settings() });
    shop = await desk.open_account(desk.owner, {});
    const posts = Array.from({ length: 240 }, (_, n) =>
      open_post(`p${n}`, {
        text: `${n % 3 === 0 ? 'バスが来ません' : 'いい天気です'} ${n % 60 === 0 ? '運休ですか' : ''} ${n}`,
      }),
    );
    await shop.program.post('/open/posts', { posts });
    await until('all posts', async () => (await preview('バス OR 天気')).posts === 240);
  });
  after(async () => {
    await desk?.stop();
  });
  const preview = (query) => desk.owner.in('POST', '/topics/preview', { query });
  const codes = (answer) => answer.advice.map((one) => one.code);

  test('the preview counts, and the stored posts have their say', async () => {
    const much = await preview('バス OR 運休');
    assert.equal(much.posts, 80);
    assert.deepEqual(codes(much), ['matches_much', 'common_word']);
    assert.equal(much.advice[1].values.text, 'バス');
    assert.deepEqual(codes(await preview('バス 運休')), [], 'a common word beside a rare one is no fault');
    assert.deepEqual(codes(await preview('地下鉄')), ['matches_nothing']);
  });

  test('an edited topic is heard at once, and an archived one no more', async () => {
    const topic = await desk.owner.in('POST', '/topics', { name: 'trains', query: '電車' });
    const path = `/topics/${topic.id}`;
    const found = async () => (await desk.owner.in('GET', path)).found_today;
    const hear = async (id, text) => {
      await shop.program.post('/open/posts', open_post(id, { text, reason: 'found' }));
      await shop.program.post('/open/posts', open_post(`after-${id}`));
      await desk.owner.case_with(`number after-${id}`);
    };
    await hear('t1', '電車が遅れています');
    await until('the first find', async () => (await found()) === 1);
    await desk.owner.in('PATCH', path, { query: '地下鉄 -工事' });
    await hear('t2', '電車はもう動いています');
    await hear('t3', '地下鉄の工事です');
    await hear('t4', '地下鉄が混んでいます');
    await until('the second find', async () => (await found()) === 2);
    await desk.owner.in('DELETE', path);
    await hear('t5', '地下鉄が遅れています');
    const archived = (await desk.owner.in('GET', '/topics?archived=true')).items.find(
      (one) => one.id === topic.id,
    );
    assert.ok(archived);
    assert.equal(await found(), 2);
  });
});
