// The order of the list: what is lost by waiting is on top and says why; each agent gets another case; a lead tries
// weights before saving them; respond, watch, skip, and a second opinion; people are told once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk, open_post } from '../support/desk.mjs';
import { each_store } from '../support/stores.mjs';
import { until } from '../support/wait.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';

const minute = 60_000;
const ids = (rows) => rows.map((row) => row.id);

each_store((settings) => {
  let desk;
  let shop;
  let agent;
  let other;
  let lead;
  before(async () => {
    desk = await Desk.open({ settings: await settings() });
    shop = await desk.open_account();
    agent = await desk.person('agent');
    other = await desk.person('agent');
    lead = await desk.person('lead');
  });
  after(() => desk?.stop());

  let number = 0;
  async function new_case(text, extra = {}) {
    number += 1;
    const marked = `${text} (no. ${number}x)`;
    await shop.program.post('/open/posts', open_post(`o${number}`, { text: marked, ...extra }));
    return agent.case_with(`(no. ${number}x)`);
  }
  const counts = () => agent.in('GET', '/cases/counts');
  const done = async (rows) => {
    for (const row of rows) await agent.in('POST', `/cases/${row.id}/resolve`, {});
  };

  test('harm goes before the one who came first, and the row says why', async () => {
    const calm = await new_case('How do I clean the filter?');
    const harmed = await new_case('The kettle caught fire and I burned my hand, please help');
    assert.deepEqual(ids(await agent.cases('now')), [harmed.id, calm.id]);
    const [top] = await agent.cases('now');
    assert.equal(top.rank_why[0].key, 'danger');
    assert.equal(top.queue, 'desk');
    const minutes = top.rank_why.reduce((sum, one) => sum + one.minutes, 0);
    assert.equal(Date.parse(top.rank_at), Date.parse(top.due_at) - minutes * minute);
    // A person's word moves it at once, on every screen.
    const live = await other.live();
    const moved = await agent.in('PATCH', `/cases/${calm.id}`, { priority: 'urgent' });
    assert.ok(moved.rank_why.some((one) => one.key === 'urgent' && one.minutes === 240));
    const change = await live.change('the priority', (one) => one.kind === 'case.priority');
    assert.equal(change.data.case.rank_at, moved.rank_at);
    await live.close();
    await done([calm, harmed]);
  });

  test('two agents never get the same case, and nobody gets what somebody else is at', async () => {
    const rows = [];
    for (let i = 0; i < 4; i += 1) rows.push(await new_case('How does the lid open?'));
    const next = async (who, leave = null) => (await who.in('POST', '/cases/next', { leave })).case;
    const [one, two] = await Promise.all([next(agent), next(other)]);
    assert.notEqual(one.id, two.id);
    assert.deepEqual(new Set([one.id, two.id]), new Set(ids(rows.slice(0, 2))), 'the two on top');
    assert.equal((await next(agent)).id, one.id, 'asked again, it is still theirs');
    // Somebody looks at the third: it is left to them.
    await lead.in('POST', `/cases/${rows[2].id}/presence`, { state: 'looking' });
    assert.equal((await next(agent, one.id)).id, rows[3].id);
    // What was left goes to somebody else.
    assert.equal((await next(other, two.id)).id, one.id);
    await lead.in('POST', `/cases/${rows[2].id}/presence`, { state: 'gone' });
    // Assigned is not given away, and sleeping neither.
    await lead.in('POST', `/cases/${rows[2].id}/assign`, { user_id: lead.me.id });
    await agent.in('POST', `/cases/${two.id}/snooze`, {
      until: new Date(Date.now() + 60 * minute).toISOString(),
    });
    assert.equal(await next(agent, rows[3].id), null, 'nothing waits for them');
    // What waits with somebody who is away waits for everybody.
    const away = (until) => lead.in('PATCH', `/work/${lead.me.id}`, { away_until: until });
    await away(new Date(Date.now() + 60 * minute).toISOString());
    assert.equal((await next(agent)).id, rows[2].id);
    await away(null);
    const viewer = await desk.person('viewer');
    const refused = await viewer.send('POST', `/api/v1/workspaces/${viewer.workspace}/cases/next`, {});
    assert.equal(refused.status, 403);
    await done(rows);
  });

  test('a burst of agents works the queue to its end, each case once', async () => {
    const rows = [];
    for (let i = 0; i < 12; i += 1) rows.push(await new_case('How does the lid open?'));
    const worked = [];
    const work = async (who) => {
      for (;;) {
        const { case: row } = await who.in('POST', '/cases/next', {});
        if (!row) return;
        await who.in('POST', `/cases/${row.id}/resolve`, {});
        worked.push(row.id);
      }
    };
    await Promise.all([work(agent), work(other), work(lead), work(desk.owner)]);
    assert.equal(worked.length, rows.length);
    assert.deepEqual(new Set(worked), new Set(ids(rows)));
  });

  test('who wants to buy stands in a queue of their own', async () => {
    const buyer = await new_case('I want to buy this kettle. Where can I buy one?');
    assert.equal(buyer.queue, 'purchase');
    assert.ok(!ids(await agent.cases('now')).includes(buyer.id));
    assert.deepEqual(ids(await agent.cases('purchase')), [buyer.id]);
    assert.equal((await counts()).purchase, 1);
    assert.equal((await agent.in('POST', '/cases/next', {})).case, null);
    assert.equal((await agent.in('POST', '/cases/next', { purchases: true })).case.id, buyer.id);
    await done([buyer]);
    assert.equal((await counts()).purchase, 0);
  });

  test('watched: away until somebody writes, with the reason; undo puts it back', async () => {
    const row = await new_case('The new colour is out I see', { reason: 'found' });
    const watched = await agent.in('POST', `/cases/${row.id}/watch`, { reason: 'between_users' });
    assert.equal(watched.status, 'watched');
    assert.equal(watched.dismiss_reason, 'between_users');
    assert.deepEqual(ids(await agent.cases('watched')), [row.id]);
    assert.equal((await counts()).watched, 1);
    const back = await agent.in('POST', `/cases/${row.id}/undo`, { event_seq: watched.event_seq });
    assert.equal(back.status, row.status);
    await agent.in('POST', `/cases/${row.id}/watch`, { reason: 'later' });
    const thread = open_post(`o${number}`);
    await shop.program.post('/open/posts', {
      ...open_post(`o${number}-friend`, { text: 'I saw it, too' }),
      thread_id: thread.thread_id,
      parent_id: thread.external_id,
      direction: 'context',
    });
    const woken = await until('somebody wrote in the thread', async () => {
      const now = await agent.in('GET', `/cases/${row.id}`);
      return now.status === 'found' && now;
    });
    assert.equal(woken.dismiss_reason, '');
    const facts = (await agent.in('GET', `/cases/${row.id}/timeline`)).items.filter(
      (one) => one.type === 'fact',
    );
    assert.ok(facts.some((one) => one.kind === 'case.woken' && one.data.by === 'post'));
    await agent.in('POST', `/cases/${row.id}/dismiss`, { reason: 'noise' });
  });

  test('a second opinion: asked of one, seen in a view, answered by the decision, both are told', async () => {
    const row = await new_case('Somebody mentioned you at the fair', { reason: 'found' });
    const asked = await agent.in('POST', `/cases/${row.id}/opinion`, {
      user_id: other.me.id,
      note: 'For us?',
    });
    assert.deepEqual(asked.opinion, { by: agent.me.id, of: other.me.id, note: 'For us?' });
    assert.deepEqual(ids(await other.cases('opinions')), [row.id]);
    assert.equal((await counts()).opinions, 1);
    await until('the colleague is told', async () => {
      const [notice] = (await other.in('GET', '/notices')).items;
      return notice?.kind === 'opinion_asked' && notice.data.note === 'For us?';
    });
    const skipped = await other.in('POST', `/cases/${row.id}/dismiss`, { reason: 'not_about_us' });
    assert.equal(skipped.opinion, null);
    assert.equal((await counts()).opinions, 0);
    await until('the answer is told to who asked', async () => {
      const [notice] = (await agent.in('GET', '/notices')).items;
      return notice?.kind === 'opinion_skip';
    });
    assert.equal((await lead.in('GET', '/notices')).items.length, 0, 'nobody else');
    const again = await other.in('POST', `/cases/${row.id}/undo`, { event_seq: skipped.event_seq });
    assert.equal(again.opinion.by, agent.me.id, 'taken back, it is asked again');
    assert.equal((await agent.in('DELETE', `/cases/${row.id}/opinion`)).opinion, null);
    await agent.in('POST', `/cases/${row.id}/dismiss`, { reason: 'noise' });
  });

  test('weights: seen on today’s list, saved by a lead alone, and open cases follow', async () => {
    const calm = await new_case('How do I clean the filter?');
    const harmed = await new_case('The kettle caught fire and I burned my hand, please help');
    const order = await lead.in('GET', '/order');
    assert.equal(order.version, 0);
    const wanted = { danger: -600, urgency: 0, anger: 0 };
    const preview = await lead.in('POST', '/order/preview', wanted);
    assert.deepEqual(ids(preview.before), [harmed.id, calm.id]);
    assert.deepEqual(ids(preview.after), [calm.id, harmed.id]);
    assert.equal(preview.cases, 2);
    assert.deepEqual(ids(await agent.cases('now')), [harmed.id, calm.id], 'nothing was saved');
    const path = `/api/v1/workspaces/${lead.workspace}/order`;
    assert.equal((await agent.send('PUT', path, { ...wanted, version: 0 })).status, 403);
    assert.equal((await lead.send('PUT', path, { danger: 99_999, version: 0 })).status, 400);
    const live = await agent.live();
    assert.equal((await lead.in('PUT', '/order', { ...wanted, version: 0 })).version, 1);
    await live.change('ranked anew', (change) => change.kind === 'order.planned');
    await live.close();
    const now = await agent.cases('now');
    assert.deepEqual(ids(now), [calm.id, harmed.id]);
    assert.equal(now.find((row) => row.id === calm.id).version, calm.version, 'nobody’s edit is disturbed');
    const late = await lead.send('PUT', path, { ...wanted, version: 0 });
    assert.equal(late.body.code, 'changed');
    const { first, version } = await lead.in('GET', '/order');
    await lead.in('PUT', '/order', { ...first, version });
    await until('as it was', async () => (await agent.cases('now'))[0].id === harmed.id);
    await done([calm, harmed]);
  });

  test('who may approve is told of a reply that waits, and its writer of the answer', async () => {
    const row = await new_case('My lamp flickers.', { reason: 'mention', visibility: 'public' });
    const way = (await agent.in('GET', `/cases/${row.id}`)).can_reply[0];
    const { approval } = await agent.in('POST', `/cases/${row.id}/approvals`, {
      account_id: way.account_id,
      target_post_id: way.target_post_id,
      text: 'We are sorry about your lamp. You get a full refund for it.',
      request_id: 'told',
      note: 'A regular.',
    });
    const kinds = async (who) =>
      (await who.in('GET', '/notices')).items
        .filter((one) => one.data.number === row.number && one.kind.startsWith('approval'))
        .map((one) => one.kind);
    await until('the lead is told', async () => (await kinds(lead)).includes('approval_asked'));
    const [notice] = (await lead.in('GET', '/notices')).items;
    assert.equal(notice.data.note, 'A regular.');
    assert.equal(notice.data.name, agent.me.name);
    await lead.in('POST', `/approvals/${approval.id}/send-back`, { note: 'No promises, please.' });
    await until('the writer is told', async () => (await kinds(agent)).length > 0);
    assert.deepEqual(await kinds(agent), ['approval_returned']);
    assert.deepEqual(await kinds(lead), ['approval_asked'], 'once each');
    assert.deepEqual(await kinds(other), []);
    await done([row]);
  });

  test('a broken promise is told once: to the one who has the case, else to who is on duty', async () => {
    const receiver = await WebhookReceiver.start();
    const hook = await desk.owner.in('POST', '/webhooks', { name: 'Phone', url: receiver.url });
    receiver.secret = hook.secret;
    const shift = (weekday) => ({ user_id: other.me.id, weekday, from: '00:00', to: '24:00' });
    await lead.in('PUT', '/roster', {
      version: 0,
      time_zone: 'Asia/Tokyo',
      shifts: [0, 1, 2, 3, 4, 5, 6].map(shift),
      leaves: [],
    });
    const long_ago = new Date(Date.now() - 3 * 60 * minute).toISOString();
    const told = async (who, row) =>
      (await who.in('GET', '/notices')).items.filter(
        (one) => one.kind === 'promise_broken' && one.data.number === row.number,
      ).length;
    const nobodys = await new_case('Is anybody there?', { posted_at: long_ago });
    await until('who is on duty is told', () => told(other, nobodys));
    const owned = await new_case('Hello, are you there?', { posted_at: long_ago });
    // Whoever is told first: the webhook hears of both, each once.
    await until('the webhook was told of both', () => receiver.accepted.size === 2);
    assert.deepEqual([...receiver.accepted.values()], [1, 1]);
    assert.equal(receiver.requests[0].body.type, 'notice.promise_broken');
    assert.equal(await told(other, nobodys), 1);
    assert.equal(await told(agent, nobodys), 0);
    await done([nobodys, owned]);
    await receiver.stop();
  });
});
