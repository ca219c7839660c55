// From a public thread to a private place and back: a link brings the case along, opens nothing of anybody else's, and
// no private answer goes out in public by mistake.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk, open_post } from '../support/desk.mjs';
import { each_store } from '../support/stores.mjs';
import { until } from '../support/wait.mjs';

each_store((settings) => {
  let desk;
  let shop; // the public place
  let chat; // the private one
  let agent;
  before(async () => {
    desk = await Desk.open({ settings: await settings() });
    shop = await desk.open_account();
    chat = await desk.open_account(desk.owner, {
      name: 'Chat',
      private_url: 'http://127.0.0.1:9/chat?lang=ja#top',
    });
    agent = await desk.person('agent');
  });
  after(() => desk?.stop());

  const send = (who, method, path, body) =>
    who.send(method, `/api/v1/workspaces/${who.workspace}${path}`, body);
  async function new_case(word, text = `The ${word} lamp flickers and the shop does not answer`) {
    await shop.program.post(
      '/open/posts',
      open_post(word, { text, reason: 'mention', visibility: 'public' }),
    );
    const row = await agent.case_with(text.slice(0, 30));
    return { row, way: (await agent.in('GET', `/cases/${row.id}`)).can_reply[0] };
  }
  const kit = ({ row, way }) =>
    agent.in(
      'GET',
      `/cases/${row.id}/reply-kit?target_post_id=${way.target_post_id}&account_id=${way.account_id}`,
    );
  const answer = (row, way, text, extra = {}) =>
    send(agent, 'POST', `/cases/${row.id}/replies`, {
      account_id: way.account_id,
      target_post_id: way.target_post_id,
      request_id: crypto.randomUUID(),
      text,
      ...extra,
    });
  // Answers in public with a link; gives its word, as the customer's browser finds it.
  async function offer({ row, way }) {
    const sent = await answer(row, way, `Let us look at lamp ${row.number} in private: {{private_link}}`);
    assert.equal(sent.status, 202, JSON.stringify(sent.body));
    const text = (await agent.timeline(row.id)).findLast((item) => item.direction === 'out').text;
    const [url] = text.match(/https?:\S+\/p\/[\w-]+/);
    const door = await fetch(url, { redirect: 'manual' });
    assert.equal(door.status, 303);
    const to = new URL(door.headers.get('location'));
    assert.equal(to.pathname + to.hash, '/chat#top');
    assert.equal(to.searchParams.get('lang'), 'ja');
    return { url, word: to.searchParams.get('continues') };
  }
  const comes = (visitor, word, text, extra = {}) =>
    chat.program.post('/open/posts', {
      external_id: `${visitor}-${text}`,
      thread_id: `chat-${visitor}`,
      text,
      visibility: 'private',
      reason: 'message',
      author: { id: visitor, name: visitor },
      ...(word ? { continues: word } : {}),
      ...extra,
    });
  const posts = async (id) =>
    (await agent.timeline(id)).filter((item) => item.type === 'post').map((item) => item.text);

  test('the playbook offers it for personal data, a complaint with an order number, many exchanges', async () => {
    await desk.owner.in('PATCH', '/reply-rules', { order_patterns: ['T-[0-9]{4}'] });
    const plain = await new_case('plain');
    assert.deepEqual((await kit(plain)).private_offer.reasons, []);
    assert.equal((await kit(plain)).private_offer.available, true);
    const phone = await new_case('phone', 'Please call me on 090-1234-5678 about my order, thank you');
    assert.deepEqual((await kit(phone)).private_offer.reasons, ['personal_data']);
    const order = await new_case('order', 'Terrible, T-1234 arrived broken and nobody helps me!');
    assert.deepEqual((await kit(order)).private_offer.reasons, ['order_complaint']);
    await answer(plain.row, plain.way, 'Does the lamp flicker all day?');
    await answer(plain.row, plain.way, 'And is the bulb a new one?');
    assert.deepEqual((await kit(plain)).private_offer.reasons, ['exchanges']);
    assert.equal((await kit(plain)).our_answers, 2, 'how often we already answered');
    await desk.owner.in('PATCH', '/reply-rules', { playbook: { exchanges: 0 } });
    assert.deepEqual((await kit(plain)).private_offer.reasons, []);
  });

  test('who comes by the link goes on in the same case; one timeline, public and private apart', async () => {
    const one = await new_case('join');
    const { word } = await offer(one);
    await comes('visitor', word, 'Here I am, about the flickering');
    await until('it joined', async () =>
      (await posts(one.row.id)).includes('Here I am, about the flickering'),
    );
    const detail = await agent.in('GET', `/cases/${one.row.id}`);
    assert.deepEqual(detail.conversations.map((each) => each.visibility).sort(), ['private', 'public']);
    const came = (await agent.timeline(one.row.id)).filter((item) => item.kind?.startsWith('private.'));
    assert.deepEqual(
      came.map((fact) => fact.kind),
      ['private.offered', 'private.came'],
    );
    const order = (await agent.timeline(one.row.id)).map((item) => item.kind ?? item.text);
    assert.deepEqual(order.slice(-2), ['private.came', 'Here I am, about the flickering'], 'then they wrote');
    // The answer goes where they wrote last.
    const [way, public_way] = detail.can_reply;
    assert.equal(way.visibility, 'private');
    assert.equal((await answer(one.row, way, 'Thank you for coming over! The lamp first.')).status, 202);

    // In public only when it is said.
    assert.equal(public_way.visibility, 'public');
    const mistake = await answer(one.row, public_way, 'We found the cause of the flickering.');
    assert.equal(mistake.body.code, 'public_not_chosen');
    const asked = await send(agent, 'POST', `/cases/${one.row.id}/approvals`, {
      account_id: public_way.account_id,
      target_post_id: public_way.target_post_id,
      request_id: 'asked',
      text: 'We found the cause of the flickering.',
    });
    assert.equal(asked.body.code, 'public_not_chosen', 'nor by way of an approval');
    const meant = await answer(one.row, public_way, 'We found the cause of the flickering.', {
      in_public: true,
    });
    assert.equal(meant.body.code, 'needs_second_person', 'and then the check has its say');
  });

  test('a link that somebody else opens again opens nothing of the first one', async () => {
    const one = await new_case('stolen');
    const { word } = await offer(one);
    await comes('first', word, 'It is me, the first');
    await until('the first', async () => (await posts(one.row.id)).includes('It is me, the first'));
    await comes('thief', word, 'It is me, too, said the thief');
    const theirs = await agent.case_with('said the thief');
    assert.notEqual(theirs.id, one.row.id);
    assert.deepEqual(await posts(theirs.id), ['It is me, too, said the thief']);
    assert.equal((await posts(one.row.id)).includes('It is me, too, said the thief'), false);
    const refused = (await agent.timeline(one.row.id)).filter((item) => item.kind === 'private.refused');
    assert.deepEqual(
      refused.map((fact) => fact.data.why),
      ['used'],
    );
    // The first one may come again, also from another page.
    await comes('first', word, 'Me again from my phone', { thread_id: 'chat-first-2' });
    await until('again', async () => (await posts(one.row.id)).includes('Me again from my phone'));
  });

  test('a made-up word, one of another account or workspace, and a public post open nothing', async () => {
    const one = await new_case('made-up');
    const { word } = await offer(one);
    await comes('guesser', `${word.slice(0, -1)}x`, 'A guess at the door');
    await comes('empty', '', 'Without any word at all');
    for (const text of ['A guess at the door', 'Without any word at all'])
      assert.notEqual((await agent.case_with(text)).id, one.row.id);
    await shop.program.post('/open/posts', {
      external_id: 'other-account',
      text: 'By the wrong account',
      visibility: 'private',
      author: { id: 'wrong' },
      continues: word,
    });
    assert.notEqual((await agent.case_with('By the wrong account')).id, one.row.id);
    const tea = await desk.workspace('Tea');
    const stranger = await desk.open_account(tea);
    await stranger.program.post('/open/posts', {
      external_id: 'foreign',
      text: 'From another brand',
      visibility: 'private',
      author: { id: 'foreign' },
      continues: word,
    });
    await tea.case_with('From another brand');
    assert.equal((await posts(one.row.id)).includes('From another brand'), false);
    const refused = (await agent.timeline(one.row.id)).filter((item) => item.kind === 'private.refused');
    assert.deepEqual(
      refused.map((fact) => fact.data.why),
      ['account'],
      'the other workspace is not even told of',
    );
    const in_public = await chat.program.send('POST', '/api/v1/open/posts', {
      external_id: 'public',
      text: 'x',
      author: { id: 'x' },
      continues: word,
    });
    assert.equal(in_public.body.where, '/continues');
    assert.equal((await fetch(`${desk.url}/p/nonsense`)).status, 404);
    // It is still theirs.
    await comes('owner', word, 'The right one after all');
    await until('joined', async () => (await posts(one.row.id)).includes('The right one after all'));
  });

  test('an older private thread moves to the case; what was said there before stays', async () => {
    await comes('regular', '', 'An old question about bulbs');
    const old = await agent.case_with('An old question about bulbs');
    const one = await new_case('regular');
    const { word } = await offer(one);
    await comes('regular', word, 'Now about the flickering');
    await until('moved', async () => (await posts(one.row.id)).includes('Now about the flickering'));
    await comes('regular', '', 'And one more thing');
    await until('stays', async () => (await posts(one.row.id)).includes('And one more thing'));
    assert.deepEqual(await posts(old.id), ['An old question about bulbs']);
  });

  test('taken back, its link is dead; and the answer says in words when there is no private place', async () => {
    await desk.owner.in('PATCH', '', { settings: { undo_send_seconds: 30 } });
    const one = await new_case('back');
    const { url } = await offer(one);
    const [reply] = (await agent.timeline(one.row.id)).filter((item) => item.direction === 'out');
    const back = await agent.in('POST', `/replies/${reply.reply.id}/cancel`, {});
    assert.match(back.text, /\{\{private_link\}\}$/);
    assert.deepEqual(
      (await agent.timeline(one.row.id)).filter((item) => item.kind?.startsWith('private.')),
      [],
      'it never left: nothing was offered',
    );
    assert.equal((await fetch(url, { redirect: 'manual' })).status, 404);
    await desk.owner.in('PATCH', '', { settings: { undo_send_seconds: 0 } });
    await desk.owner.in('PATCH', `/accounts/${chat.account.id}`, { paused: true });
    assert.equal((await kit(one)).private_offer.available, false);
    const nowhere = await answer(one.row, one.way, `Lamp ${one.row.number}: {{private_link}}`);
    assert.equal(nowhere.body.code, 'no_private_place');
    await desk.owner.in('PATCH', `/accounts/${chat.account.id}`, { paused: false });
  });
});
