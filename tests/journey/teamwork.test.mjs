// Many people at one desk: queues of teams, macros, bulk work, views, rules, hand-overs, escalations with a tracker.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { Desk, open_post } from '../support/desk.mjs';
import { each_store } from '../support/stores.mjs';
import { until } from '../support/wait.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';

each_store((settings) => {
  let desk;
  let shop;
  let lead;
  let hana;
  let ken;
  let receiver;
  before(async () => {
    receiver = await WebhookReceiver.start();
    desk = await Desk.open({ settings: await settings() });
    shop = await desk.open_account();
    lead = await desk.person('lead');
    hana = await desk.person('agent');
    ken = await desk.person('agent');
    const hook = await desk.owner.in('POST', '/webhooks', { name: 'Tracker', url: receiver.url });
    receiver.secret = hook.secret;
  });
  after(async () => {
    await desk?.stop();
    await receiver?.stop();
  });
  async function new_case(word, extra) {
    await shop.program.post(
      '/open/posts',
      open_post(word, { text: `About ${word}: it does not work.`, ...extra }),
    );
    return lead.case_with(`About ${word}:`);
  }
  const show = (row) => lead.in('GET', `/cases/${row.id}`);

  test('a case that goes to a team by load comes to who has room, and stands in its queue', async () => {
    await assert.rejects(hana.in('POST', '/teams', { name: 'Mine' }), { status: 403 });
    const team = await lead.in('POST', '/teams', {
      name: 'Support',
      assigning: 'by_load',
      member_ids: [hana.me.id, ken.me.id],
    });
    await assert.rejects(lead.in('POST', '/teams', { name: 'Support' }), { code: 'taken' });
    const actions = [{ do: 'team', team_id: team.id }];
    const first = await new_case('load-1');
    const second = await new_case('load-2');
    await hana.in('POST', '/acts', { actions, case_ids: [first.id, second.id] });
    const given = [(await show(first)).assignee_id, (await show(second)).assignee_id];
    assert.deepEqual(given.toSorted(), [hana.me.id, ken.me.id].toSorted(), 'one each');
    const queue = await ken.in('GET', `/cases?view=team:${team.id}`);
    assert.deepEqual(queue.items.map((row) => row.id).toSorted(), [first.id, second.id].toSorted());
    const { items } = await ken.in('GET', '/teams');
    assert.equal(items[0].open_cases, 2);
  });

  test('a macro is previewed, run, and taken back as one', async () => {
    const macro = await lead.in('POST', '/macros', {
      name: 'Refund',
      shared: true,
      actions: [
        { do: 'add_tags', tags: ['refund'] },
        { do: 'priority', priority: 'high' },
        { do: 'note', text: 'Ask for the receipt.' },
        { do: 'resolve' },
      ],
    });
    await assert.rejects(hana.in('PATCH', `/macros/${macro.id}`, { name: 'x' }), { status: 403 });
    const row = await new_case('macro');
    const request = { macro_id: macro.id, case_ids: [row.id] };
    const preview = await hana.in('POST', '/acts/preview', request);
    assert.equal(preview.will_change, 1);
    assert.deepEqual(
      preview.items[0].changes.map((change) => change.do),
      ['case.tagged', 'case.priority', 'note.added', 'case.status'],
    );
    assert.deepEqual((await show(row)).tags, [], 'a preview changes nothing');
    const act = await hana.in('POST', '/acts', request);
    assert.equal(act.state, 'done');
    assert.equal((await show(row)).status, 'resolved');
    const back = await hana.in('POST', `/acts/${act.id}/undo`);
    assert.equal(back.state, 'undone');
    const now = await show(row);
    assert.deepEqual([now.status, now.priority, now.tags, now.due_at], ['open', 'normal', [], row.due_at]);
    await assert.rejects(hana.in('POST', `/acts/${act.id}/undo`), { code: 'not_undoable' });
  });

  test('bulk work goes on in the background, says what it left out, and is undone as a whole', async () => {
    const posts = Array.from({ length: 60 }, (_, i) => open_post(`bulk-${i}`));
    await shop.program.post('/open/posts', { posts });
    const rows = await until('sixty cases', async () => {
      const all = (await lead.all_cases('now')).filter((row) => row.preview.includes('number bulk-'));
      return all.length === 60 && all;
    });
    const case_ids = [...rows.map((row) => row.id), '999'];
    let act = await hana.in('POST', '/acts', {
      actions: [{ do: 'add_tags', tags: ['storm'] }, { do: 'resolve' }],
      case_ids,
    });
    act = await until('all are done', async () => {
      const now = await hana.in('GET', `/acts/${act.id}`);
      return now.state === 'done' && now;
    });
    assert.deepEqual([act.done, act.refused, act.refusals[0].code], [60, 1, 'not_found']);
    assert.equal((await show(rows[59])).status, 'resolved');
    const log = await hana.in('GET', `/acts/${act.id}/cases?limit=1`);
    assert.deepEqual([log.items.length, log.items[0].state], [1, 'done']);
    const rest = await hana.in('GET', `/acts/${act.id}/cases?cursor=${log.next_cursor}`);
    assert.equal(rest.items.length, Math.min(act.cases - 1, 50));
    await hana.in('POST', `/acts/${act.id}/undo`);
    await until('all are back', async () => (await hana.in('GET', `/acts/${act.id}`)).state === 'undone');
    for (const row of [rows[0], rows[30], rows[59]]) {
      const now = await show(row);
      assert.deepEqual([now.status, now.tags, now.due_at], ['open', [], row.due_at]);
    }
  });

  test('a whole list is one act: of what was looked at, once, and nothing ended that nobody saw', async () => {
    const quiet = await new_case('whole-1');
    const wrote = await new_case('whole-2');
    for (const row of [quiet, wrote])
      await lead.in('POST', `/cases/${row.id}/assign`, { user_id: ken.me.id });
    const list = await lead.in('GET', `/cases?view=member:${ken.me.id}`);
    const ids = list.items.map((row) => row.id);
    assert.ok(ids.includes(quiet.id) && ids.includes(wrote.id));
    assert.ok((await lead.in('GET', '/cases?view=due:soon')).items.every((row) => row.status === 'open'));
    await assert.rejects(lead.in('GET', '/cases?view=due:never'), { status: 400 });
    const actions = [{ do: 'resolve' }];
    for (const view of ['mine', `member:${ken.me.id}`]) {
      const look = await ken.in('POST', '/acts/preview', { actions, view });
      assert.deepEqual([look.case_ids.toSorted(), look.more], [ids.toSorted(), false], view);
    }
    const { case_ids, seen } = await ken.in('POST', '/acts/preview', { actions, view: 'mine' });
    await shop.program.post('/open/posts', {
      ...open_post('whole-2', { text: 'It smokes now.' }),
      external_id: 'whole-2-again',
    });
    await until('it is heard', async () => (await show(wrote)).preview === 'It smokes now.');
    const wanted = { actions, case_ids, seen, request_id: 'once' };
    const act = await ken.in('POST', '/acts', wanted);
    assert.equal((await ken.in('POST', '/acts', wanted)).id, act.id, 'the same request is the same act');
    assert.deepEqual(
      act.refusals.map((one) => [one.case_id, one.code]),
      [[wrote.id, 'changed']],
    );
    assert.deepEqual([(await show(quiet)).status, (await show(wrote)).status], ['resolved', 'open']);
    const log = (await lead.in('GET', '/acts?source=bulk')).items;
    assert.deepEqual([log[0].id, log[0].refusals.length], [act.id, 1]);
    for (const [path, body] of [
      ['notes', { text: 'Once.', request_id: 'note' }],
      ['handover', { user_id: hana.me.id, note: 'Yours.', request_id: 'over' }],
    ]) {
      for (let time = 0; time < 2; time += 1) await ken.in('POST', `/cases/${wrote.id}/${path}`, body);
    }
    const notes = (await lead.timeline(wrote.id)).filter((item) => item.type === 'note');
    assert.deepEqual(
      notes.map((note) => note.text),
      ['Once.', 'Yours.'],
    );
    await lead.in('PATCH', `/cases/${wrote.id}`, { priority: 'high' });
    const fact = (await lead.timeline(wrote.id)).find((item) => item.kind === 'case.priority');
    assert.equal(fact.data.to, 'high');
  });

  test('views: shared by all or private, by conditions, with pages and counts', async () => {
    const row = await new_case('views');
    await hana.in('PUT', `/cases/${row.id}/tags`, { tags: ['vip'] });
    const conditions = [
      { field: 'status', values: ['open'] },
      { field: 'tag', values: ['vip'] },
    ];
    const mine = await hana.in('POST', '/views', { name: 'My VIPs', conditions });
    const shared = await lead.in('POST', '/views', { name: 'All open', shared: true, conditions: [] });
    await assert.rejects(hana.in('POST', '/views', { name: 'All', shared: true, conditions }), {
      status: 403,
    });
    assert.deepEqual(
      (await hana.in('GET', '/views')).items.map((view) => view.name),
      ['My VIPs', 'All open'],
    );
    assert.deepEqual(
      (await ken.in('GET', '/views')).items.map((view) => view.name),
      ['All open'],
    );
    await assert.rejects(ken.in('GET', `/cases?view=saved:${mine.id}`), { status: 404 });
    assert.deepEqual(
      (await hana.in('GET', `/cases?view=saved:${mine.id}`)).items.map((one) => one.id),
      [row.id],
    );
    const seen = [];
    let cursor = '';
    do {
      const page = await ken.in('GET', `/cases?view=saved:${shared.id}&limit=7${cursor}`);
      seen.push(...page.items.map((one) => one.id));
      cursor = page.next_cursor && `&cursor=${encodeURIComponent(page.next_cursor)}`;
    } while (cursor);
    const now = (await ken.all_cases('now')).map((one) => one.id);
    assert.deepEqual(seen, now, 'the same cases in the same order as the inbox');
    const counts = (await ken.in('GET', '/views/counts')).items;
    assert.deepEqual(counts, [{ id: shared.id, cases: now.length, more: false }]);
    await assert.rejects(
      hana.in('POST', '/views', { name: 'Wrong', conditions: [{ field: 'colour', values: ['red'] }] }),
      { status: 400 },
    );
  });

  test('a rule is tried out, acts once across kill -9, and its doing can be undone', async () => {
    const earlier = await new_case('gas-1', { text: 'About gas-1: I smell gas.' });
    const rule = {
      trigger: { on: 'case_opened' },
      conditions: [{ field: 'text', values: ['smell gas'] }],
      actions: [
        { do: 'priority', priority: 'urgent' },
        { do: 'add_tags', tags: ['danger'] },
      ],
    };
    const dry = await lead.in('POST', '/rules/dry-run', { ...rule, days: 2 });
    assert.deepEqual([dry.count, dry.items[0].case_id], [1, earlier.id]);
    assert.equal((await show(earlier)).priority, 'normal');
    const made = await lead.in('POST', '/rules', { name: 'Gas', ...rule });
    const row = await new_case('gas-2', { text: 'About gas-2: I smell gas.' });
    await until('the rule acted', async () => (await show(row)).priority === 'urgent');
    await desk.program.kill();
    await desk.program.start();
    const log = await until('the log shows it', async () => {
      const page = await lead.in('GET', `/acts?rule_id=${made.id}`);
      return page.items.length > 0 && page.items;
    });
    assert.equal(log.length, 1);
    assert.deepEqual([log[0].case.id, log[0].done], [row.id, 1]);
    await hana.in('POST', `/acts/${log[0].id}/undo`);
    assert.deepEqual((await show(row)).tags, []);
    await lead.in('DELETE', `/rules/${made.id}`);
  });

  test('a hand-over tells its receiver, a note those it mentions, and followers hear of the case', async () => {
    const row = await new_case('hand');
    await lead.in('PUT', `/cases/${row.id}/follow`, { on: true });
    const taken = await hana.in('POST', `/cases/${row.id}/claim`);
    assert.ok(taken.event_seq);
    await assert.rejects(ken.in('POST', `/cases/${row.id}/claim`), { code: 'taken' });
    await hana.in('POST', `/cases/${row.id}/handover`, { user_id: ken.me.id, note: 'You know this one.' });
    await ken.in('POST', `/cases/${row.id}/notes`, { text: `Thanks @${hana.me.name}, I will.` });
    const kinds = (client) => async () => (await client.in('GET', '/notices')).items.map((one) => one.kind);
    await until('Ken has it', async () => (await kinds(ken)()).includes('handed_over'));
    await until('Hana was mentioned', async () => (await kinds(hana)()).includes('mentioned'));
    const told = await until('the follower heard of both notes', async () => {
      const all = (await kinds(lead)()).filter((kind) => kind === 'followed_note');
      return all.length === 2 && all;
    });
    assert.equal(told.length, 2);
    assert.equal((await show(row)).assignee_id, ken.me.id);
  });

  test('an escalation reaches the tracker, and the tracker answers', async () => {
    const team = await lead.in('POST', '/teams', {
      name: 'Engineering',
      escalation_minutes: 60,
      member_ids: [ken.me.id],
    });
    const row = await new_case('deep');
    const made = await hana.in('POST', `/cases/${row.id}/escalations`, {
      team_id: team.id,
      note: 'The valve again.',
    });
    await assert.rejects(hana.in('POST', `/cases/${row.id}/escalations`, { team_id: team.id }), {
      code: 'escalated',
    });
    const request = await until('the tracker heard of it', () =>
      receiver.requests.find((one) => one.body?.type === 'escalation.created'),
    );
    assert.ok(request.ok, 'signed');
    assert.equal(request.body.data.escalation_id, made.id);
    assert.equal(request.body.data.note, 'The valve again.');
    const token = await desk.owner.in('POST', '/tokens', { name: 'Tracker', role: 'agent' });
    const tracker = new Client(desk.url, { token: token.token });
    tracker.workspace = hana.workspace;
    await tracker.in('PATCH', `/escalations/${made.id}`, {
      tracker_status: 'In progress',
      tracker_url: 'https://tracker.example/7',
      comment: 'A part is on its way.',
    });
    await assert.rejects(
      tracker.in('PATCH', `/escalations/${made.id}`, { tracker_url: 'javascript:alert(1)' }),
      { status: 400 },
    );
    const { escalations } = await hana.in('GET', `/cases/${row.id}/teamwork`);
    const { promise } = escalations[0];
    assert.deepEqual(
      [promise.kind, promise.minutes, promise.due_at],
      ['escalation', 60, escalations[0].due_at],
    );
    assert.equal(
      promise.steps.reduce((sum, step) => sum + step.minutes, 0),
      60,
      'the days say where the hour went',
    );
    assert.deepEqual(
      [escalations[0].tracker_status, escalations[0].tracker_url, escalations[0].state],
      ['In progress', 'https://tracker.example/7', 'open'],
    );
    const notes = (await hana.timeline(row.id)).filter((item) => item.type === 'note');
    assert.equal(notes[0].text, 'A part is on its way.');
    await tracker.in('PATCH', `/escalations/${made.id}`, { state: 'done' });
    await until('who asked is told', async () =>
      (await hana.in('GET', '/notices')).items.some((one) => one.kind === 'escalation_done'),
    );
  });
});
