// Replies that a check holds back: what the server says, who may let them out, and that each goes out once.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Desk, open_post } from '../support/desk.mjs';
import { each_store } from '../support/stores.mjs';
import { until } from '../support/wait.mjs';

each_store((settings) => {
  let desk;
  let shop;
  let agent;
  let lead;
  before(async () => {
    desk = await Desk.open({ settings: { 'reply.look_at_links': 'true', ...(await settings()) } });
    shop = await desk.open_account();
    agent = await desk.person('agent');
    lead = await desk.person('lead');
  });
  after(() => desk?.stop());

  const post = (word, extra = {}) =>
    shop.program.post(
      '/open/posts',
      open_post(word, {
        text: `My lamp ${word} flickers.`,
        reason: 'mention',
        visibility: 'public',
        ...extra,
      }),
    );
  async function new_case(word) {
    await post(word);
    return agent.case_with(`lamp ${word}`);
  }
  const inside = (who, method, path, body) =>
    who.send(method, `/api/v1/workspaces/${who.workspace}${path}`, body);
  async function draft_for(row, text, extra = {}) {
    const way = (await agent.in('GET', `/cases/${row.id}`)).can_reply[0];
    return { account_id: way.account_id, target_post_id: way.target_post_id, text, ...extra };
  }
  const risky = (row, extra) =>
    draft_for(row, 'We are sorry about your lamp. You get a full refund for it.', {
      request_id: crypto.randomUUID(),
      ...extra,
    });
  const ask = async (row, extra) =>
    (await agent.in('POST', `/cases/${row.id}/approvals`, await risky(row, extra))).approval;
  const replies_of = async (row) =>
    (await agent.timeline(row.id)).filter((item) => item.type === 'post' && item.direction === 'out');
  const waiting = async () => (await lead.in('GET', '/approvals')).items;

  test('the checks say what they found, and the server sends nothing that they hold back', async () => {
    const row = await new_case('card');
    const draft = await draft_for(row, 'Your lamp: call 090-1234-5678, card 4111 1111 1111 1111.');
    const said = await agent.in('POST', `/cases/${row.id}/reply-checks`, draft);
    assert.equal(said.severity, 'blocked');
    assert.deepEqual(
      said.findings.map(({ check, ranges }) => [check, draft.text.slice(...ranges[0])]),
      [
        ['personal_number', '4111 1111 1111 1111'],
        ['personal_data', '090-1234-5678'],
      ],
    );
    const refused = await inside(agent, 'POST', `/cases/${row.id}/replies`, { ...draft, request_id: 'card' });
    assert.equal(refused.status, 422);
    assert.equal(refused.body.code, 'blocked');
    assert.equal(refused.body.findings[0].check, 'personal_number');
    const asked = await inside(agent, 'POST', `/cases/${row.id}/approvals`, { ...draft, request_id: 'card' });
    assert.equal(asked.body.code, 'blocked', 'a second person cannot allow it either');
    assert.equal((await replies_of(row)).length, 0);
    // A good one under the same request goes out: nothing was kept of the refused one.
    const good = await draft_for(row, 'Sorry about the lamp! Please send us a private message.');
    await agent.in('POST', `/cases/${row.id}/replies`, { ...good, request_id: 'card' });
    assert.equal((await replies_of(row)).length, 1);
  });

  test('asked, seen live, approved by a lead, sent once', async () => {
    const row = await new_case('once');
    const live = await lead.live();
    const refused = await inside(agent, 'POST', `/cases/${row.id}/replies`, await risky(row));
    assert.equal(refused.body.code, 'needs_second_person');
    const approval = await ask(row, { request_id: 'once', note: 'He waited long.' });
    assert.equal(approval.state, 'waiting');
    assert.equal(approval.findings[0].check, 'promise_words');
    await live.change('asked', (data) => data.kind === 'approval.state' && data.data.state === 'waiting');
    await until('the count', async () => (await lead.in('GET', '/cases/counts')).approvals === 1);
    const [shown] = await waiting();
    assert.equal(shown.note, 'He waited long.');
    assert.equal(shown.target_text, 'My lamp once flickers.');

    const own = await inside(agent, 'POST', `/approvals/${approval.id}/approve`, {});
    assert.equal(own.status, 403, 'an agent may not approve');
    const seen_post_id = shown.newest_post_id;
    const [first, second] = await Promise.all(
      [1, 2].map(() => lead.in('POST', `/approvals/${approval.id}/approve`, { seen_post_id })),
    );
    assert.equal(first.id, second.id, 'twice is one reply');
    await until('it is sent', async () => {
      const [reply] = await replies_of(row);
      return reply && ['queued', 'sent', 'confirmed'].includes(reply.reply.state);
    });
    assert.equal((await replies_of(row)).length, 1);
    assert.equal((await replies_of(row))[0].author.user_id, agent.me.id);
    assert.deepEqual(await waiting(), []);
    const facts = (await agent.timeline(row.id)).filter((item) => item.kind === 'approval.state');
    assert.deepEqual(
      facts.map((fact) => [fact.data.state, fact.actor.user_id]),
      [
        ['waiting', agent.me.id],
        ['approved', lead.me.id],
      ],
    );
    await live.close();
  });

  test('one request is a reply or an approval, never both', async () => {
    const row = await new_case('request');
    const good = await draft_for(row, 'Sorry about the lamp! We look into it.', { request_id: 'both' });
    const sent = await agent.in('POST', `/cases/${row.id}/replies`, good);
    const asked = await agent.in('POST', `/cases/${row.id}/approvals`, good);
    assert.equal(asked.approval, null);
    assert.equal(asked.reply.id, sent.id);
    const approval = await ask(row, { request_id: 'other' });
    assert.equal((await ask(row, { request_id: 'other' })).id, approval.id);
    const late = await inside(agent, 'POST', `/cases/${row.id}/replies`, { ...good, request_id: 'other' });
    assert.equal(late.body.code, 'approval_asked');
    assert.equal((await waiting()).length, 1);
    // Both at the same moment.
    const at_once = await Promise.all([
      inside(agent, 'POST', `/cases/${row.id}/replies`, { ...good, request_id: 'race' }),
      inside(agent, 'POST', `/cases/${row.id}/approvals`, { ...good, request_id: 'race' }),
    ]);
    const replies = (await replies_of(row)).length - 1;
    const asks = (await waiting()).length - 1;
    assert.equal(replies + asks, 1, JSON.stringify(at_once.map((answer) => answer.body)));
    for (const one of await waiting()) await agent.in('POST', `/approvals/${one.id}/withdraw`);
    assert.deepEqual(await waiting(), []);
  });

  test('nobody approves their own; another lead may, with other words', async () => {
    const row = await new_case('own');
    const { approval } = await lead.in('POST', `/cases/${row.id}/approvals`, await risky(row));
    const own = await inside(lead, 'POST', `/approvals/${approval.id}/approve`, {
      seen_post_id: approval.newest_post_id,
    });
    assert.equal(own.body.code, 'own_reply');
    const back = await inside(lead, 'POST', `/approvals/${approval.id}/send-back`, { note: 'no' });
    assert.equal(back.body.code, 'own_reply');
    const worse = await inside(desk.owner, 'POST', `/approvals/${approval.id}/approve`, {
      text: 'Card 4111 1111 1111 1111',
      seen_post_id: approval.newest_post_id,
    });
    assert.equal(worse.body.code, 'blocked');
    const words = 'Sorry about the lamp. We will find a way.';
    await desk.owner.in('POST', `/approvals/${approval.id}/approve`, {
      text: words,
      seen_post_id: approval.newest_post_id,
    });
    assert.equal((await replies_of(row))[0].text, words);
    const done = await lead.in('GET', `/approvals/${approval.id}`);
    assert.equal(done.edited, true);
    assert.equal(done.decided_by, desk.owner.me.id);
  });

  test('sent back with a note: the words are the author’s draft again', async () => {
    const row = await new_case('back');
    const approval = await ask(row);
    assert.deepEqual((await agent.in('GET', `/cases/${row.id}`)).drafts, []);
    const empty = await inside(lead, 'POST', `/approvals/${approval.id}/send-back`, { note: ' ' });
    assert.equal(empty.status, 400);
    await lead.in('POST', `/approvals/${approval.id}/send-back`, { note: 'Offer a repair first.' });
    const detail = await agent.in('GET', `/cases/${row.id}`);
    assert.equal(detail.drafts[0].text, approval.text);
    assert.deepEqual(detail.approvals, []);
    const again = await inside(lead, 'POST', `/approvals/${approval.id}/approve`, {
      seen_post_id: approval.newest_post_id,
    });
    assert.equal(again.body.code, 'decided');
    assert.equal((await replies_of(row)).length, 0);
  });

  test('the customer wrote again meanwhile: whoever approves must have seen it', async () => {
    const row = await new_case('again');
    const approval = await ask(row);
    await post('again', {
      external_id: 'again-2',
      thread_id: 'thread-again',
      text: 'Never mind, it works now!',
    });
    const now = await until('the post came', async () => {
      const read = await lead.in('GET', `/approvals/${approval.id}`);
      return read.customer_wrote_again && read;
    });
    assert.equal(now.newest_text, 'Never mind, it works now!');
    const stale = await inside(lead, 'POST', `/approvals/${approval.id}/approve`, {
      seen_post_id: approval.newest_post_id,
    });
    assert.equal(stale.status, 409);
    assert.equal(stale.body.code, 'customer_wrote');
    await lead.in('POST', `/approvals/${approval.id}/approve`, { seen_post_id: now.newest_post_id });
    assert.equal((await replies_of(row)).length, 1);
  });

  test('taken back after it was approved, it waits again', async () => {
    await desk.owner.in('PATCH', '', { settings: { undo_send_seconds: 30 } });
    const row = await new_case('undo');
    const approval = await ask(row);
    const seen_post_id = approval.newest_post_id;
    const reply = await lead.in('POST', `/approvals/${approval.id}/approve`, { seen_post_id });
    await lead.in('POST', `/replies/${reply.id}/cancel`);
    assert.equal((await lead.in('GET', `/approvals/${approval.id}`)).state, 'waiting');
    const next = await lead.in('POST', `/approvals/${approval.id}/approve`, { seen_post_id });
    assert.notEqual(next.id, reply.id);
    await desk.owner.in('PATCH', '', { settings: { undo_send_seconds: 0 } });
  });

  test('the workspace says how severe a check is, and how it speaks', async () => {
    const row = await new_case('rules');
    const draft = await draft_for(row, 'Your lamp is a treasure!!! Acme is worse.');
    const said = async () =>
      (await agent.in('POST', `/cases/${row.id}/reply-checks`, draft)).findings.map(
        ({ check, severity }) => `${check} ${severity}`,
      );
    assert.deepEqual(await said(), ['exclamations hint']);
    assert.equal((await inside(agent, 'PATCH', '/reply-rules', {})).status, 403);
    await lead.in('PATCH', '/reply-rules', {
      competitors: ['acme'],
      severities: { competitors: 'blocked' },
    });
    assert.deepEqual(await said(), ['competitors blocked', 'exclamations hint']);
    await lead.in('PUT', `/voice-guides/${shop.account.id}`, { max_exclamations: 5, initials: true });
    assert.deepEqual(await said(), ['competitors blocked', 'initials hint']);
    await lead.in('DELETE', `/voice-guides/${shop.account.id}`);
    assert.deepEqual(await said(), ['competitors blocked', 'exclamations hint']);
    const wrong = await inside(lead, 'PATCH', '/reply-rules', { order_patterns: ['(('] });
    assert.equal(wrong.status, 400);
    assert.equal(wrong.body.where, '/order_patterns/0');
    await lead.in('PATCH', '/reply-rules', { competitors: [] });
  });

  test('the same words again are seen, unless they were taken back', async () => {
    const words =
      'Thank you for telling us. Our team looks into this and will answer you here as soon as there is news.';
    const checks_of = async (row) =>
      (await agent.in('POST', `/cases/${row.id}/reply-checks`, await draft_for(row, words))).findings.map(
        ({ check }) => check,
      );
    const [one, two] = [await new_case('same1'), await new_case('same2')];
    assert.ok(!(await checks_of(one)).includes('same_as_recent'));
    await agent.reply(one.id, words);
    assert.ok((await checks_of(two)).includes('same_as_recent'));
  });

  test('a dead link is found when asked, and before sending; nobody is asked about half a link', async () => {
    const asked = [];
    const site = createServer((request, answer) => {
      asked.push(request.url);
      answer.writeHead(request.url === '/gone' ? 404 : 200).end();
    });
    await new Promise((listening) => site.listen(0, '127.0.0.1', listening));
    const link = `http://127.0.0.1:${site.address().port}`;
    const row = await new_case('link');
    const draft = await draft_for(row, `Your lamp: ${link}/gone and ${link}/here`);
    await agent.in('POST', `/cases/${row.id}/reply-checks`, draft);
    assert.deepEqual(asked, []);
    const said = await until('the links were looked at', async () => {
      const now = await agent.in('POST', `/cases/${row.id}/reply-checks`, { ...draft, links: true });
      return !now.looking_at_links && now;
    });
    const [dead] = said.findings.filter(({ check }) => check === 'dead_link');
    assert.equal(draft.text.slice(...dead.ranges[0]), `${link}/gone`);
    const fresh = { ...draft, text: `Your lamp: ${link}/new`, request_id: crypto.randomUUID() };
    await agent.in('POST', `/cases/${row.id}/replies`, fresh);
    assert.deepEqual(asked.toSorted(), ['/gone', '/here', '/new']);
    const refused = await inside(agent, 'POST', `/cases/${row.id}/replies`, { ...draft, request_id: 'gone' });
    assert.equal(refused.body.code, 'needs_second_person');
    site.close();
    site.closeAllConnections();
  });

  test('alone on the desk, a second person cannot be asked: the check is a hint', async () => {
    const single = await desk.workspace('Single');
    const kiosk = await desk.open_account(single, { name: 'Kiosk' });
    await kiosk.program.post('/open/posts', open_post('single', { text: 'My lamp single is dark.' }));
    const row = await single.case_with('lamp single');
    const way = (await single.in('GET', `/cases/${row.id}`)).can_reply[0];
    const draft = {
      account_id: way.account_id,
      target_post_id: way.target_post_id,
      text: 'You get a full refund for the lamp.',
    };
    const said = await single.in('POST', `/cases/${row.id}/reply-checks`, draft);
    assert.equal(said.has_second_person, false);
    assert.equal(said.severity, 'hint');
    const asked = await inside(single, 'POST', `/cases/${row.id}/approvals`, { ...draft, request_id: 's' });
    assert.equal(asked.body.code, 'nobody_else');
    await single.in('POST', `/cases/${row.id}/replies`, { ...draft, request_id: 's' });
  });
});
