// Reward codes: reserved while writing, handed out once in the reply's own transaction, free again when taken back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk, open_post } from '../support/desk.mjs';
import { each_store } from '../support/stores.mjs';
import { until } from '../support/wait.mjs';

each_store((settings) => {
  let desk;
  let shop;
  let agent;
  let lead;
  let list;
  before(async () => {
    desk = await Desk.open({ settings: await settings() });
    shop = await desk.open_account();
    agent = await desk.person('agent');
    lead = await desk.person('lead');
    list = await lead.in('POST', '/reward-lists', { key: 'spring', name: 'Spring coupon', warn_below: 1 });
    const csv = 'code,value\nSPRING-1,10\nSPRING-2,10\nSPRING-3,10\nSPRING-3,10\n';
    const upload = await lead.in('POST', `/reward-lists/${list.id}/codes`, { text: csv });
    assert.deepEqual(upload, { added: 3, known: 0 });
  });
  after(() => desk?.stop());

  const send = (who, method, path, body) =>
    who.send(method, `/api/v1/workspaces/${who.workspace}${path}`, body);
  async function new_case(word, extra = {}) {
    const text = `I love the ${word} lamp, it is wonderful`;
    await shop.program.post(
      '/open/posts',
      open_post(word, { text, reason: 'mention', visibility: 'public', ...extra }),
    );
    const row = await agent.case_with(text);
    return { row, way: (await agent.in('GET', `/cases/${row.id}`)).can_reply[0] };
  }
  const give = ({ row, way }, request_id = crypto.randomUUID()) =>
    send(agent, 'POST', `/cases/${row.id}/replies`, {
      account_id: way.account_id,
      target_post_id: way.target_post_id,
      request_id,
      text: `Thank you for your words about the lamp ${row.number}! A gift: {{reward:spring}}`,
    });
  const stock = async () => {
    const { free, reserved, given } = (await agent.in('GET', '/reward-lists')).items[0];
    return { free, reserved, given };
  };
  const sent = async ({ row }) =>
    (await agent.timeline(row.id)).filter((item) => item.direction === 'out').map((item) => item.text);

  test('reserved, given with the reply, never a second one', async () => {
    const one = await new_case('green');
    const target = { target_post_id: one.way.target_post_id };
    await agent.in('POST', `/cases/${one.row.id}/rewards/${list.id}`, target);
    assert.deepEqual(await stock(), { free: 2, reserved: 1, given: 0 });
    const [first, again] = await Promise.all([give(one, 'green'), give(one, 'green')]);
    assert.equal(first.body.id, again.body.id);
    assert.match((await sent(one))[0], /A gift: SPRING-1$/);
    assert.deepEqual(await stock(), { free: 2, reserved: 0, given: 1 });
    assert.equal((await give(one)).body.code, 'already_given');
    // The same person in another case of theirs.
    const other = await new_case('violet', { author: { id: 'person-green' } });
    assert.equal((await give(other)).body.code, 'already_given');
    assert.equal((await sent(other)).length, 0, 'nothing of the refused reply stays');
    const facts = (await agent.timeline(one.row.id)).filter((item) => item.kind === 'reward.given');
    assert.deepEqual(
      facts.map((fact) => [fact.data.list, fact.actor.user_id]),
      [['Spring coupon', agent.me.id]],
    );
    const [given] = (await lead.in('GET', `/reward-lists/${list.id}/given`)).items;
    assert.deepEqual(
      [given.code, given.case_number, given.customer_name],
      ['SPRING-1', one.row.number, 'Person green'],
    );
    assert.equal((await send(agent, 'GET', `/reward-lists/${list.id}/given`)).status, 403);
  });

  test('taken back, the code is free and the composer gets the variable, not the code', async () => {
    await desk.owner.in('PATCH', '', { settings: { undo_send_seconds: 30 } });
    const one = await new_case('amber');
    const reply = (await give(one)).body;
    assert.match((await sent(one))[0], /SPRING-2$/);
    const back = await agent.in('POST', `/replies/${reply.id}/cancel`, {});
    assert.match(back.text, /\{\{reward:spring\}\}$/);
    assert.deepEqual(await stock(), { free: 2, reserved: 0, given: 1 });
    await desk.owner.in('PATCH', '', { settings: { undo_send_seconds: 0 } });
  });

  test('the last codes go out once each, told when they run low, and then it says so', async () => {
    const live = await lead.live();
    const people = await Promise.all(['a', 'b', 'c', 'd'].map((word) => new_case(`red-${word}`)));
    const answers = await Promise.all(people.map((one) => give(one)));
    assert.deepEqual(answers.map((one) => one.body.code ?? 'sent').sort(), [
      'no_codes',
      'no_codes',
      'sent',
      'sent',
    ]);
    const texts = (await Promise.all(people.map(sent))).flat();
    assert.equal(new Set(texts.map((text) => text.match(/SPRING-\d/)[0])).size, 2);
    assert.equal((await agent.in('GET', '/reward-lists')).items[0].is_low, true);
    await live.close();
    // Leads hear of it once, and once more when nothing is left; agents cannot fill a list and hear nothing.
    const told = async (who) =>
      (await who.in('GET', '/notices')).items.filter((one) => one.kind.startsWith('reward_'));
    await until('the lead was told', async () => (await told(lead)).length === 2);
    assert.deepEqual(
      (await told(lead)).map((one) => [one.kind, one.data.list, one.data.free]),
      [
        ['reward_none', 'Spring coupon', 0],
        ['reward_low', 'Spring coupon', 1],
      ],
    );
    assert.deepEqual(await told(agent), []);
  });

  test('a customer who calls themselves a variable gets nothing by it', async () => {
    const more = await lead.in('POST', `/reward-lists/${list.id}/codes`, { text: 'SPRING-1\nSPRING-9' });
    assert.deepEqual(more, { added: 1, known: 1 });
    const saved = {
      name: 'Hello',
      code: 'hello',
      variants: [{ text: 'Hello {{customer.name}}, about the lamp' }],
    };
    await lead.in('POST', '/saved-replies', saved);
    const one = await new_case('thief', { author: { id: 'thief', name: '{{reward:spring}}' } });
    const query = `target_post_id=${one.way.target_post_id}&q=hello`;
    const [offer] = (await agent.in('GET', `/cases/${one.row.id}/saved-replies?${query}`)).items;
    assert.equal(offer.text, 'Hello {reward:spring}}, about the lamp');
    const before_ = await stock();
    await send(agent, 'POST', `/cases/${one.row.id}/replies`, {
      account_id: one.way.account_id,
      target_post_id: one.way.target_post_id,
      request_id: 'thief',
      text: offer.text,
    });
    assert.deepEqual(await stock(), before_);
  });
});
