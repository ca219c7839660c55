// The open channel from both sides: posts come in one by one and in batches, replies leave by signed webhook or wait
// to be fetched, and nothing goes out twice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk, open_post } from '../support/desk.mjs';
import { each_store } from '../support/stores.mjs';
import { until } from '../support/wait.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';

each_store((settings) => {
  let desk;
  let shop; // {account, secret, program}
  let receiver;
  before(async () => {
    receiver = await WebhookReceiver.start();
    desk = await Desk.open({ settings: await settings() });
    shop = await desk.open_account(desk.owner, { webhook_url: receiver.url });
    receiver.secret = shop.secret;
  });
  after(async () => {
    await desk?.stop();
    await receiver?.stop();
  });

  test('a post is on the live screen, in the list and in the case', async () => {
    const live = await desk.owner.live();
    const answer = await shop.program.post(
      '/open/posts',
      open_post(1, { text: '水が漏れます。\n至急お願いします <b>!</b>' }),
    );
    assert.equal(answer.items[0].status, 'accepted');
    const change = await live.change('the new case', (data) => data.case?.preview.includes('水が漏れます'));
    assert.equal(change.data.case.status, 'open');
    assert.ok(change.data.case.due_at, 'a promise runs');
    const row = await desk.owner.case_with('水が漏れます');
    assert.equal(row.name, 'Person 1');
    const [item] = await desk.owner.timeline(row.id);
    assert.equal(item.text, '水が漏れます。\n至急お願いします <b>!</b>');
    assert.equal(item.direction, 'in');
    await live.close();
  });

  test('the same post again changes nothing', async () => {
    const before_it = (await desk.owner.all_cases()).length;
    for (let turn = 0; turn < 3; turn += 1) {
      const answer = await shop.program.post(
        '/open/posts',
        open_post(1, { text: '水が漏れます。\n至急お願いします <b>!</b>' }),
      );
      assert.equal(answer.items[0].status, 'accepted');
    }
    await shop.program.post('/open/posts', open_post('fence'));
    await desk.owner.case_with('number fence');
    assert.equal((await desk.owner.all_cases()).length, before_it + 1);
    const row = await desk.owner.case_with('水が漏れます');
    assert.equal((await desk.owner.timeline(row.id)).filter((item) => item.type === 'post').length, 1);
  });

  test('a batch says for each post what became of it', async () => {
    const posts = [open_post('b1'), { ...open_post('b2'), text: 7 }, open_post('b3'), { external_id: 'b4' }];
    const { items } = await shop.program.post('/open/posts', { posts });
    assert.deepEqual(
      items.map((item) => item.status),
      ['accepted', 'error', 'accepted', 'error'],
    );
    assert.match(items[1].error.where ?? items[1].error.detail, /posts\/1\/text/);
    await desk.owner.case_with('number b1');
    await desk.owner.case_with('number b3');
    assert.ok(!(await desk.owner.all_cases()).some((row) => row.preview.includes('number b2')));
  });

  test('a thousand a batch are taken, one more is not', async () => {
    const posts = Array.from({ length: 1000 }, (_, index) => open_post(`k${index}`));
    const { items } = await shop.program.post('/open/posts', { posts });
    assert.equal(items.filter((item) => item.status === 'accepted').length, 1000);
    await until(
      'all of them are cases',
      async () =>
        (await desk.owner.all_cases()).filter((row) => / number k\d+ /.test(row.preview)).length === 1000,
      { timeout_ms: 120_000, every_ms: 500 },
    );
    const more = await shop.program.send('POST', '/api/v1/open/posts', {
      posts: [...posts, open_post('one more')],
    });
    assert.equal(more.status, 413);
  });

  test('a reply leaves as a signed webhook, and 2xx confirms it', async () => {
    const row = await desk.owner.case_with('水が漏れます');
    const reply = await desk.owner.reply(row.id, 'すぐに伺います。');
    await desk.owner.confirmed(row.id, reply.id);
    const sent = receiver.requests.filter((request) => request.body?.text === 'すぐに伺います。');
    assert.equal(sent.length, 1);
    assert.ok(sent[0].ok, 'our own check of the signature agrees');
    assert.equal(sent[0].body.type, 'reply.created');
    assert.equal(sent[0].body.in_reply_to, 'post-1');
    assert.equal(sent[0].body.thread_id, 'thread-1');
    assert.equal(sent[0].body.to.id, 'person-1');
    const after_it = await desk.owner.in('GET', `/cases/${row.id}`);
    assert.equal(after_it.due_at, null, 'the promise is kept');
  });

  test('the same request_id sends once', async () => {
    await shop.program.post('/open/posts', open_post('twice'));
    const row = await desk.owner.case_with('number twice');
    const request_id = crypto.randomUUID();
    const [first, second] = await Promise.all([
      desk.owner.reply(row.id, 'Only once.', { request_id }),
      desk.owner.reply(row.id, 'Only once.', { request_id }),
    ]);
    assert.equal(first.id, second.id);
    await desk.owner.confirmed(row.id, first.id);
    assert.equal(receiver.requests.filter((request) => request.body?.text === 'Only once.').length, 1);
  });

  test('a receiver in trouble is asked again with the same id; the log shows every try', async () => {
    await shop.program.post('/open/posts', open_post('trouble'));
    const row = await desk.owner.case_with('number trouble');
    let tries = 0;
    receiver.answer = () => {
      tries += 1;
      return [503, 'drop', 204][Math.min(tries, 3) - 1];
    };
    const reply = await desk.owner.reply(row.id, 'In trouble.');
    await desk.owner.confirmed(row.id, reply.id, { timeout_ms: 120_000 });
    const sent = receiver.requests.filter((request) => request.body?.text === 'In trouble.');
    assert.equal(new Set(sent.map((request) => request.id)).size, 1);
    assert.deepEqual(
      sent.map((request) => request.status),
      [503, 'drop', 204],
    );
    assert.ok(sent.every((request) => request.ok));
    const log = (
      await desk.owner.in('GET', `/accounts/${shop.account.id}/deliveries?limit=200`)
    ).items.filter((entry) => entry.outbox_id === reply.id);
    assert.equal(log.length, 3);
    assert.equal(log.filter((entry) => entry.outcome === 'delivered').length, 1);
    receiver.answer = () => 204;
  });

  test('a refused reply is shown as failed, and can be sent again', async () => {
    await shop.program.post('/open/posts', open_post('refused'));
    const row = await desk.owner.case_with('number refused');
    receiver.answer = () => 410;
    const reply = await desk.owner.reply(row.id, 'Refused at first.');
    await until(
      'the reply has failed',
      async () => (await desk.owner.reply_state(row.id, reply.id))?.state === 'failed',
      { timeout_ms: 60_000 },
    );
    assert.equal((await desk.owner.in('GET', '/cases/counts')).failed_replies, 1);
    assert.deepEqual(
      (await desk.owner.cases('due:failed')).map((one) => one.id),
      [row.id],
      'what the number counts',
    );
    receiver.answer = () => 204;
    // A colleague has answered since: both go out only when that is meant.
    const colleague = await desk.person('agent');
    const theirs = await colleague.reply(row.id, 'Meanwhile from me.');
    await assert.rejects(desk.owner.in('POST', `/replies/${reply.id}/retry`), {
      status: 409,
      code: 'answered_meanwhile',
    });
    await desk.owner.in('POST', `/replies/${reply.id}/retry`, { seen_post_id: theirs.post_id });
    await desk.owner.confirmed(row.id, reply.id);
    const ids = receiver.requests
      .filter((request) => request.body?.text === 'Refused at first.')
      .map((r) => r.id);
    assert.equal(new Set(ids).size, 1);
  });

  test('what failed of a colleague is no answer', async () => {
    await shop.program.post('/open/posts', open_post('nothing came'));
    const row = await desk.owner.case_with('nothing came');
    const seen_post_id = (await desk.owner.timeline(row.id)).find((item) => item.type === 'post').id;
    receiver.answer = () => 410;
    const colleague = await desk.person('agent');
    const theirs = await colleague.reply(row.id, 'Not from me.', { seen_post_id });
    await until(
      'it has failed',
      async () => (await colleague.reply_state(row.id, theirs.id))?.state === 'failed',
    );
    receiver.answer = () => 204;
    const ours = await desk.owner.reply(row.id, 'But from me.', { seen_post_id });
    await desk.owner.confirmed(row.id, ours.id);
  });

  test('a delivered reply can be sent once more from the log', async () => {
    const row = await desk.owner.case_with('number refused');
    const { reply } = (await desk.owner.timeline(row.id)).find(
      (item) => item.text === 'Refused at first.' && item.reply,
    );
    const count = () =>
      receiver.requests.filter((request) => request.body?.text === 'Refused at first.').length;
    const before_it = count();
    await desk.owner.in('POST', `/accounts/${shop.account.id}/deliveries/${reply.id}/resend`);
    await until('it arrived again', () => count() === before_it + 1);
  });

  test('a reply can be taken back while it is held', async () => {
    await desk.owner.in('PATCH', '', { settings: { undo_send_seconds: 30 } });
    await shop.program.post('/open/posts', open_post('undo'));
    const row = await desk.owner.case_with('number undo');
    const reply = await desk.owner.reply(row.id, 'Taken back.');
    assert.equal(reply.state, 'held');
    assert.equal((await desk.owner.in('POST', `/replies/${reply.id}/cancel`)).state, 'cancelled');
    await desk.owner.in('PATCH', '', { settings: { undo_send_seconds: 0 } });
    const next = await desk.owner.reply(row.id, 'After taking back.');
    await desk.owner.confirmed(row.id, next.id);
    assert.ok(!receiver.requests.some((request) => request.body?.text === 'Taken back.'));
  });

  test('without a webhook, replies wait to be fetched and acknowledged', async () => {
    const puller = await desk.open_account(desk.owner, { name: 'Puller' });
    await puller.program.post('/open/posts', open_post('pull'));
    const row = await desk.owner.case_with('number pull');
    const waiting = puller.program.get('/open/replies?wait_s=20');
    const reply = await desk.owner.reply(row.id, 'Come and get it.');
    const got = await waiting;
    assert.equal(got.items.length, 1);
    assert.equal(got.items[0].text, 'Come and get it.');
    await puller.program.post(`/open/replies/${got.items[0].id}/ack`, {
      external_id: 'r-1',
      url: 'https://example.com/r-1',
    });
    await desk.owner.confirmed(row.id, reply.id);
    assert.equal(
      (await puller.program.get(`/open/replies?after=${encodeURIComponent(got.next)}`)).items.length,
      0,
    );
    // Another account's program sees nothing of it.
    assert.equal(
      (await shop.program.get('/open/replies')).items.filter((item) => item.text === 'Come and get it.')
        .length,
      0,
    );
  });

  test('a deletion empties the post and leaves the fact', async () => {
    await shop.program.post('/open/posts', open_post('gone', { text: 'My number is 03-1234-5678, oh no.' }));
    const row = await desk.owner.case_with('oh no');
    await shop.program.post('/open/deletions', { external_id: 'post-gone' });
    const item = await until('the post is marked as deleted', async () =>
      (await desk.owner.timeline(row.id)).find((entry) => entry.type === 'post' && entry.deleted_at),
    );
    assert.equal(item.text, '');
    assert.equal((await desk.owner.in('GET', '/search?q=1234-5678')).items.length, 0);
    assert.ok(!JSON.stringify(await desk.owner.all_cases()).includes('03-1234-5678'));
  });

  test('a private address is not called unless it is allowed', async () => {
    const answer = await desk.owner.send('POST', `/api/v1/workspaces/${desk.owner.workspace}/accounts`, {
      network: 'open',
      fields: { name: 'Sneaky', webhook_url: 'http://169.254.169.254/latest/meta-data' },
    });
    if (answer.status < 300) {
      const sneaky = await desk.owner.in('POST', `/accounts/${answer.body.id}/test`).catch((error) => error);
      assert.ok(sneaky instanceof Error || sneaky.status !== 'ok');
    } else assert.ok(answer.status < 500);
  });

  test('a revoked token and a foreign one open nothing', async () => {
    for (const token of ['nonsense', shop.account.token.slice(0, -2)]) {
      const { Client } = await import('../support/client.mjs');
      const stranger = new Client(desk.url, { token });
      assert.equal((await stranger.send('POST', '/api/v1/open/posts', open_post(9))).status, 401);
    }
    const inside = await shop.program.send('GET', `/api/v1/workspaces/${desk.owner.workspace}/cases`);
    assert.ok([401, 403, 404].includes(inside.status), `${inside.status}`);
  });
});
