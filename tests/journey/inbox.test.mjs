// An agent's day over the API: what each action does to the case, the counts, the live stream and the search.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk, open_post } from '../support/desk.mjs';
import { each_store } from '../support/stores.mjs';
import { until } from '../support/wait.mjs';

each_store((settings) => {
  let desk;
  let shop;
  let agent;
  before(async () => {
    desk = await Desk.open({ settings: await settings() });
    shop = await desk.open_account();
    agent = await desk.person('agent');
  });
  after(() => desk?.stop());

  async function new_case(word, extra) {
    await shop.program.post(
      '/open/posts',
      open_post(word, { text: `About ${word}: it does not work.`, ...extra }),
    );
    return agent.case_with(`About ${word}:`);
  }

  test('assign, snooze, resolve, open, dismiss: each changes the case and tells the live screens', async () => {
    const row = await new_case('lifecycle');
    const live = await desk.owner.live();
    const steps = [
      ['assign', { user_id: agent.me.id }, (now) => now.assignee_id === agent.me.id],
      [
        'snooze',
        { until: new Date(Date.now() + 3_600_000).toISOString() },
        (now) => now.status === 'snoozed',
      ],
      ['open', {}, (now) => now.status === 'open'],
      ['resolve', {}, (now) => now.status === 'resolved'],
      ['open', {}, (now) => now.status === 'open'],
      ['dismiss', { reason: 'spam' }, (now) => now.status === 'dismissed' && now.dismiss_reason === 'spam'],
    ];
    for (const [action, body, holds] of steps) {
      const now = await agent.in('POST', `/cases/${row.id}/${action}`, body);
      assert.ok(holds(now), `${action}: ${JSON.stringify(now)}`);
      await live.change(action, (data) => data.case?.id === row.id && data.case.version >= now.version);
    }
    await live.close();
  });

  test('triage says what the waiting posts are, why, and forgets what was deleted', async () => {
    const smoke = await new_case('smoke', {
      thread_id: 'smoke',
      text: 'About smoke: it comes out of the kettle!',
    });
    assert.equal(smoke.triage.kind, 'complaint');
    assert.equal(smoke.triage.danger, true);
    const { items } = await agent.in('GET', `/cases/${smoke.id}/timeline`);
    const post = items.find((item) => item.type === 'post');
    const why = await agent.in('GET', `/posts/${post.id}/triage`);
    assert.deepEqual(why.harms, ['safety']);
    const reason = why.reasons.find(({ signal }) => signal === 'harm_safety');
    assert.equal(post.text.slice(reason.start, reason.end), 'smoke');

    await shop.program.post('/open/posts', {
      ...open_post('smoke'),
      external_id: 'smoke-2',
      thread_id: 'smoke',
      text: 'Thank you for looking into it.',
    });
    await until(
      'the second post is in',
      async () => (await agent.in('GET', `/cases/${smoke.id}`)).post_count === 2,
    );
    assert.equal(
      (await agent.in('GET', `/cases/${smoke.id}`)).triage.danger,
      true,
      'the worst of what waits',
    );
    await shop.program.post('/open/deletions', { external_id: 'post-smoke' });
    await until(
      'nothing speaks of danger any more',
      async () => (await agent.in('GET', `/cases/${smoke.id}`)).triage.danger === false,
    );
    await assert.rejects(agent.in('GET', `/posts/${post.id}/triage`), /404|no such post/);
  });

  test('a new post opens a resolved case again, and one that sleeps', async () => {
    const row = await new_case('again', { thread_id: 'again' });
    await agent.in('POST', `/cases/${row.id}/resolve`);
    await shop.program.post('/open/posts', {
      ...open_post('again'),
      external_id: 'again-2',
      thread_id: 'again',
      text: 'Still broken.',
    });
    await until(
      'the case is open again',
      async () => (await agent.in('GET', `/cases/${row.id}`)).status === 'open',
    );
    await agent.in('POST', `/cases/${row.id}/snooze`, {
      until: new Date(Date.now() + 86_400_000).toISOString(),
    });
    await shop.program.post('/open/posts', {
      ...open_post('again'),
      external_id: 'again-3',
      thread_id: 'again',
      text: 'And again.',
    });
    await until(
      'the case is awake',
      async () => (await agent.in('GET', `/cases/${row.id}`)).status === 'open',
    );
  });

  test('a snoozed case wakes by itself', async () => {
    const row = await new_case('sleepy');
    await agent.in('POST', `/cases/${row.id}/snooze`, { until: new Date(Date.now() + 1_500).toISOString() });
    assert.equal((await agent.in('GET', `/cases/${row.id}`)).status, 'snoozed');
    await until('it woke', async () => (await agent.in('GET', `/cases/${row.id}`)).status === 'open');
  });

  test('two people on one case: presence, drafts, and no change over a newer one', async () => {
    const row = await new_case('together');
    const live = await desk.owner.live();
    await agent.in('POST', `/cases/${row.id}/presence`, { state: 'writing' });
    await until('the owner sees the agent writing', () =>
      live.events.some(
        (event) =>
          event.event === 'presence' &&
          event.data.user_id === agent.me.id &&
          event.data.state === 'writing' &&
          event.data.case_id === row.id,
      ),
    );
    await agent.in('PUT', `/cases/${row.id}/draft`, {
      kind: 'reply',
      text: '下書きです',
      attachment_ids: [],
    });
    const seen = await desk.owner.in('GET', `/cases/${row.id}`);
    assert.equal(seen.drafts[0].text, '下書きです');
    const stale = (await agent.in('GET', `/cases/${row.id}`)).version;
    await desk.owner.in('POST', `/cases/${row.id}/resolve`);
    const late = await agent.send('POST', `/api/v1/workspaces/${agent.workspace}/cases/${row.id}/snooze`, {
      until: new Date(Date.now() + 60_000).toISOString(),
      version: stale,
    });
    assert.equal(late.status, 409);
    assert.equal(late.body.code, 'changed');
    await live.close();
  });

  test('whoever did not see a colleague’s answer does not send a second one, unless that is meant', async () => {
    const other = await desk.person('agent');
    await shop.program.post('/open/posts', open_post('both'));
    const row = await agent.case_with('number both');
    const seen_post_id = (await agent.timeline(row.id)).at(-1).id;
    await agent.reply(row.id, 'Please turn it to the left.', { seen_post_id });
    await assert.rejects(other.reply(row.id, 'Please turn it to the right.', { seen_post_id }), {
      status: 409,
      code: 'answered_meanwhile',
    });
    // The same one again is no second one, and one's own answer is no colleague's.
    await agent.reply(row.id, 'And then press it down.', { seen_post_id });
    const answers = (await agent.timeline(row.id)).filter((item) => item.direction === 'out');
    assert.deepEqual(
      answers.map((item) => item.text),
      ['Please turn it to the left.', 'And then press it down.'],
    );
    await other.reply(row.id, 'I add: not too hard.', { seen_post_id: answers.at(-1).id });
  });

  test('a change is taken back exactly, unless the case moved on', async () => {
    const row = await new_case('undo');
    const { event_seq, ...dismissed } = await agent.in('POST', `/cases/${row.id}/dismiss`, {
      reason: 'spam',
    });
    assert.equal(dismissed.status, 'dismissed');
    const back = await agent.in('POST', `/cases/${row.id}/undo`, { event_seq });
    assert.deepEqual({ ...back, version: 0 }, { ...row, version: 0 });
    const twice = await agent.send('POST', `/api/v1/workspaces/${agent.workspace}/cases/${row.id}/undo`, {
      event_seq,
    });
    assert.deepEqual([twice.status, twice.body.code], [409, 'changed']);
    const fact = (await agent.timeline(row.id)).filter((item) => item.type === 'fact').at(-1);
    assert.equal(fact.data.undone, event_seq);
    assert.equal(fact.data.undo, undefined);
  });

  test('notes and tags stay inside the desk', async () => {
    const row = await new_case('notes');
    const note = await agent.in('POST', `/cases/${row.id}/notes`, { text: 'Known since May.' });
    assert.equal(note.text, 'Known since May.');
    assert.deepEqual(
      (await agent.in('PUT', `/cases/${row.id}/tags`, { tags: ['水漏れ', 'tap'] })).tags.sort(),
      ['tap', '水漏れ'].sort(),
    );
    const kinds = (await agent.timeline(row.id)).map((item) => item.type);
    assert.ok(kinds.includes('note'));
    await agent.in('DELETE', `/notes/${note.id}`);
    assert.ok(!(await agent.timeline(row.id)).some((item) => item.type === 'note' && item.text));
  });

  test(
    'two kanji are found, with the words around them',
    async () => {
      await shop.program.post(
        '/open/posts',
        open_post('kanji', { text: '昨日から東京都の店で返金されません。' }),
      );
      const row = await agent.case_with('返金されません');
      for (const query of ['返金', '東京', '東京都', '返金 東京']) {
        const { items } = await agent.in('GET', `/search?q=${encodeURIComponent(query)}`);
        assert.ok(
          items.some((hit) => hit.case_id === row.id),
          query,
        );
      }
      const hit = (await agent.in('GET', `/search?q=${encodeURIComponent('返金')}`)).items.find(
        (found) => found.case_id === row.id,
      );
      const [[start, end]] = hit.marks;
      assert.equal(hit.excerpt.slice(start, end), '返金');
      assert.equal(
        (await agent.in('GET', `/search?q=${encodeURIComponent('京都')}`)).items.some(
          (found) => found.case_id === row.id,
        ),
        true,
      );
      assert.equal(
        (await agent.in('GET', `/search?q=${encodeURIComponent('返品')}`)).items.some(
          (found) => found.case_id === row.id,
        ),
        false,
      );
    },
    { timeout: 60_000 },
  );

  test('counts follow, and lists page without a gap or a repeat', async () => {
    for (let index = 0; index < 30; index += 1)
      await shop.program.post('/open/posts', open_post(`page${index}`));
    await agent.case_with('number page29');
    const seen = [];
    let cursor = null;
    do {
      const page = await agent.in(
        'GET',
        `/cases?view=now&limit=7${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
      );
      assert.ok(page.items.length <= 7);
      seen.push(...page.items.map((row) => row.id));
      cursor = page.next_cursor;
    } while (cursor);
    assert.equal(new Set(seen).size, seen.length);
    assert.equal((await agent.in('GET', '/cases/counts')).now, seen.length);
  });

  test('a live stream that was cut goes on where it was', async () => {
    const first = await agent.live();
    await new_case('before the cut');
    await first.change('the first case', (data) => data.case?.preview.includes('before the cut'));
    const { last_event_id } = first;
    await first.close();
    await new_case('while cut');
    const second = await agent.live({ last_event_id });
    await second.change('what was missed', (data) => data.case?.preview.includes('while cut'));
    const sequence = second.changes().map((event) => event.data.seq);
    assert.deepEqual(
      sequence,
      [...new Set(sequence)].sort((a, b) => a - b),
    );
    assert.ok(sequence.every((seq) => seq > Number(last_event_id)));
    await second.close();
  });

  test('everything is there after a restart', async () => {
    const before_it = (await agent.all_cases()).map((row) => [row.id, row.status, row.version]);
    await desk.program.restart();
    assert.deepEqual(
      (await agent.all_cases()).map((row) => [row.id, row.status, row.version]),
      before_it,
    );
  });
});
