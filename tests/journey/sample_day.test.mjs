// Two agents work the sample day to its end: each takes the next best case, answers or decides, and goes on. No reply
// is late, doubled or unsafe, and no customer hears from both at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk } from '../support/desk.mjs';
import { until } from '../support/wait.mjs';

let desk;
let live;
let lead;
let agents;
before(async () => {
  desk = await Desk.open();
  lead = await desk.person('lead');
  agents = [await desk.person('agent'), await desk.person('agent')];
  live = await lead.live();
  await desk.owner.in('POST', '/sample', { speed: 2000 });
});
after(async () => {
  await live?.close();
  await desk?.stop();
});

// A new sentence each time, with the customer's name: what the checks let pass.
const words = (row, turn) =>
  /\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Han}/u.test(row.preview)
    ? `${row.name}様、ご連絡ありがとうございます。お問い合わせ番号${row.number}として${turn}番目に確認しております。`
    : `Hello ${row.name}, thank you for writing. We are looking into number ${row.number} now, as the ${turn}th today.`;

async function work(agent, log) {
  const { case: row } = await agent.in('POST', '/cases/next', {});
  if (!row) return false;
  const detail = await agent.in('GET', `/cases/${row.id}`);
  const way = detail.can_reply[0];
  const path = `/api/v1/workspaces/${agent.workspace}/cases/${row.id}`;
  if (!way || row.triage?.no_contact || row.triage?.among_users || row.triage?.kind === 'chatter') {
    await agent.in('POST', `/cases/${row.id}/dismiss`, { reason: 'not_for_us' });
    log.push({ row, agent, dismissed: true });
    return true;
  }
  const draft = {
    account_id: way.account_id,
    target_post_id: way.target_post_id,
    text: words(row, log.length + 1),
  };
  const request_id = crypto.randomUUID();
  const sent = await agent.send('POST', `${path}/replies`, { ...draft, request_id });
  if (sent.status >= 400) {
    // What a check holds back goes to a second person.
    const asked = await agent.send('POST', `${path}/approvals`, {
      ...draft,
      request_id,
      note: 'Please look.',
    });
    assert.ok(asked.status < 300, `${JSON.stringify(sent.body)} ${JSON.stringify(asked.body)}`);
    const { id, version } = asked.body.approval;
    await lead.in('POST', `/approvals/${id}/approve`, { version });
  }
  await until('the answer left', async () => {
    const items = await agent.timeline(row.id);
    const out = items.filter((item) => item.type === 'post' && item.direction === 'out');
    return out.some((item) => item.text.startsWith(draft.text) && item.reply?.state === 'confirmed');
  });
  await agent.send('POST', `${path}/resolve`, {});
  log.push({ row, agent, text: draft.text });
  return true;
}

test('two agents work the sample day to its end', async () => {
  const logs = [[], []];
  const played = async () => {
    const state = await desk.owner.in('GET', '/sample');
    return !state.running || state.played >= state.total;
  };
  await Promise.all(
    agents.map(async (agent, at) => {
      while (true) {
        const over = await played();
        if (await work(agent, logs[at])) continue;
        if (over) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }),
  );
  const all = logs.flat();
  assert.ok(
    logs.every((log) => log.length > 10),
    `both worked: ${logs.map((log) => log.length)}`,
  );
  assert.equal((await lead.cases('now')).length, 0, 'nobody waits');

  // Nothing late.
  assert.deepEqual(live.changes('promise.broken'), []);
  // Nothing doubled: each text stands once, each case was answered by one of them.
  const texts = [];
  for (const row of await lead.all_cases()) {
    const out = (await lead.timeline(row.id)).filter(
      (item) => item.type === 'post' && item.direction === 'out',
    );
    for (const item of out)
      assert.equal(
        item.reply?.state,
        'confirmed',
        `case ${row.number}: ${JSON.stringify(item.reply)} ${item.text}`,
      );
    texts.push(...out.map((item) => item.text));
  }
  assert.equal(new Set(texts).size, texts.length, 'no answer twice');
  assert.equal(texts.length, all.filter((one) => one.text).length, 'all that were written, and no other');
});
