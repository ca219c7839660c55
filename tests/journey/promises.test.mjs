// Promises and hours: a lead sets them, sees what would be due, and open cases follow; a breach is told once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk, open_post } from '../support/desk.mjs';
import { each_store } from '../support/stores.mjs';
import { until } from '../support/wait.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';

const minute = 60_000;
const day_hours = [
  { from: '09:00', to: '12:00' },
  { from: '13:00', to: '18:00' },
];
const office = {
  key: 'office',
  time_zone: 'Asia/Tokyo',
  week: [[], day_hours, day_hours, day_hours, day_hours, day_hours, []],
  japans_holidays: true,
  own_days: [{ day: '2026-12-29', name: '年末休業' }],
};
const always = { key: 'always', time_zone: 'Asia/Tokyo', always_open: true };
const in_office = { key: 'default', calendar: 'office' };

each_store((settings) => {
  let desk;
  let shop;
  let agent;
  let lead;
  let receiver;
  before(async () => {
    desk = await Desk.open({ settings: await settings() });
    receiver = await WebhookReceiver.start();
    shop = await desk.open_account(desk.owner, { webhook_url: receiver.url });
    receiver.secret = shop.secret;
    agent = await desk.person('agent');
    lead = await desk.person('lead');
  });
  after(async () => {
    await desk?.stop();
    await receiver?.stop();
  });

  async function new_case(word, extra) {
    const post = open_post(word, { text: `About ${word}: it does not work.`, ...extra });
    await shop.program.post('/open/posts', post);
    return agent.case_with(`About ${word}:`);
  }
  const minutes_of = (row) => (Date.parse(row.due_at) - Date.parse(row.promised_from)) / minute;
  const save = async (book) => {
    const { version } = await lead.in('GET', '/promises');
    return lead.in('PUT', '/promises', { version, ...book });
  };

  test('a new desk answers within an hour, around the clock', async () => {
    const row = await new_case('plain');
    assert.equal(minutes_of(row), 60);
    const told = await agent.in('GET', `/cases/${row.id}/promises`);
    assert.equal(told.promises[0].kind, 'first_reply');
    assert.equal(told.promises[0].due_at, row.due_at);
  });

  test('a preview says what would be due, and why', async () => {
    const at = '2026-11-20T17:20:00+09:00';
    const preview = await lead.in('POST', '/promises/preview', {
      calendars: [office],
      policies: [in_office],
      at,
    });
    const [first] = preview.promises;
    assert.equal(first.due_at, '2026-11-24T00:20:00.000Z');
    assert.deepEqual(
      first.steps.map(({ what, day, minutes, holiday }) => [what, day, minutes, holiday]),
      [
        ['used', '2026-11-20', 40, ''],
        ['closed', '2026-11-21', 0, ''],
        ['holiday', '2026-11-23', 0, 'jp.labour'],
        ['used', '2026-11-24', 20, ''],
      ],
    );
    const year_end = await lead.in('POST', '/promises/preview', {
      calendars: [office],
      policies: [in_office],
      at: '2026-12-28T17:50:00+09:00',
    });
    assert.equal(year_end.promises[0].due_at, '2026-12-30T00:50:00.000Z');
    assert.equal(year_end.promises[0].steps[1].name, '年末休業');
    assert.equal((await lead.in('GET', '/promises')).version, 0, 'nothing was saved');
  });

  test('open cases follow a changed promise; nobody overwrites a version they did not see', async () => {
    const row = await new_case('follow');
    const live = await agent.live();
    await save({
      calendars: [always],
      policies: [{ key: 'default', calendar: 'always', first_reply: { inside_minutes: 90 } }],
    });
    await live.change('planned anew', (change) => change.kind === 'promises.planned');
    await live.close();
    const now = (await agent.cases('now')).find((one) => one.id === row.id);
    assert.equal(minutes_of(now), 90);
    assert.equal(now.version, row.version, 'an edit under way is not disturbed');
    const stale = await lead.send('PUT', `/api/v1/workspaces/${lead.workspace}/promises`, {
      version: 0,
      calendars: [always],
      policies: [{ key: 'default', calendar: 'always' }],
    });
    assert.equal(stale.status, 409);
    assert.equal(stale.body.code, 'changed');
    const forbidden = await agent.send('PUT', `/api/v1/workspaces/${agent.workspace}/promises`, {
      version: 1,
      calendars: [always],
      policies: [{ key: 'default', calendar: 'always' }],
    });
    assert.equal(forbidden.status, 403);
    const history = await lead.in('GET', '/promises/history');
    assert.equal(history.items[0].changed_by, lead.me.id);
  });

  test('priority, group and account choose the promise', async () => {
    const account = shop.account.id;
    const policy = (key, minutes, more) => ({
      key,
      calendar: 'always',
      first_reply: { inside_minutes: minutes },
      ...more,
    });
    await save({
      calendars: [always],
      policies: [
        policy('urgent', 10, { priorities: ['urgent'] }),
        policy('vip', 20, { groups: ['VIP'] }),
        policy('shop', 30, { accounts: [account] }),
        policy('default', 40),
      ],
    });
    const row = await new_case('chosen');
    assert.equal(minutes_of(row), 30);
    await agent.in('PATCH', `/people/${row.person_id}`, { groups: ['VIP'] });
    const again = async () => (await agent.cases('now')).find((one) => one.id === row.id);
    assert.equal(minutes_of(await again()), 20);
    await agent.in('PATCH', `/cases/${row.id}`, { priority: 'urgent' });
    assert.equal(minutes_of(await again()), 10);
    const told = await agent.in('GET', `/cases/${row.id}/promises`);
    assert.equal(told.policy.key, 'urgent');
  });

  test('a breach is told once, to those on duty, and a kept promise is remembered', async () => {
    const { version, time_zone } = await lead.in('GET', '/roster');
    const shifts = [0, 1, 2, 3, 4, 5, 6].map((weekday) => ({
      user_id: agent.me.id,
      weekday,
      from: '00:00',
      to: '24:00',
    }));
    const roster = await lead.in('PUT', '/roster', { version, time_zone, shifts, leaves: [] });
    assert.deepEqual(
      roster.on_duty.map((one) => one.user_id),
      [agent.me.id],
    );
    const live = await agent.live();
    const late = await new_case('late', { posted_at: new Date(Date.now() - 120 * minute).toISOString() });
    const broken = await live.change(
      'the breach',
      (change) => change.kind === 'promise.broken' && change.case_id === late.id,
    );
    assert.deepEqual(broken.data.data.on_duty, [agent.me.id]);
    const kept = await new_case('kept');
    const reply = await agent.reply(kept.id, 'We are on our way.');
    await agent.confirmed(kept.id, reply.id);
    const answered = await agent.reply(late.id, 'Sorry for the wait.');
    await agent.confirmed(late.id, answered.id);
    const results = async (id) => (await agent.in('GET', `/cases/${id}/promises`)).results;
    await until('both results', async () => (await results(late.id)).length === 1);
    assert.deepEqual(
      (await results(kept.id)).map((one) => one.kept),
      [true],
    );
    assert.deepEqual(
      (await results(late.id)).map((one) => one.kept),
      [false],
    );
    // Whatever is told later comes after this: a breach of another case.
    const other = await new_case('other', { posted_at: new Date(Date.now() - 120 * minute).toISOString() });
    await live.change(
      'the next breach',
      (change) => change.kind === 'promise.broken' && change.case_id === other.id,
    );
    const told = live.changes('promise.broken').filter((event) => event.data.case_id === late.id);
    assert.equal(told.length, 1);
    await live.close();
  });

  test('a book that makes no sense is refused with the place of the fault', async () => {
    const refused = async (book, where) => {
      const answer = await lead.send('PUT', `/api/v1/workspaces/${lead.workspace}/promises`, {
        version: 1,
        ...book,
      });
      assert.equal(answer.status, 400);
      assert.equal(answer.body.where, where);
    };
    const policies = [in_office];
    await refused(
      { calendars: [{ ...office, time_zone: 'Asia/Nowhere' }], policies },
      '/calendars/0/time_zone',
    );
    await refused(
      { calendars: [{ ...office, week: [[], [], [], [], [], [], []] }], policies },
      '/calendars/0/week',
    );
    await refused(
      {
        calendars: [{ ...office, week: [[], [{ from: '12:00', to: '9:00' }], [], [], [], [], []] }],
        policies,
      },
      '/calendars/0/week/1/0/to',
    );
    await refused({ calendars: [office], policies: [{ ...in_office, priorities: ['urgent'] }] }, '/policies');
    await refused(
      { calendars: [office], policies: [{ key: 'x', calendar: 'night' }] },
      '/policies/0/calendar',
    );
  });
});
