// The customer card: one customer on several networks, joined and taken apart again; the desk's own fields; what the
// company's own system says.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Desk, open_post } from '../support/desk.mjs';
import { each_store } from '../support/stores.mjs';
import { until } from '../support/wait.mjs';
import { verified } from '../support/webhook_receiver.mjs';

// The company's own system, as a test wants it to behave.
class ShopSystem {
  static async start() {
    const shop = new ShopSystem();
    shop.asked = [];
    shop.answer = () => ({ status: 404 });
    shop.server = createServer((request, response) => {
      const pieces = [];
      request.on('data', (bytes) => pieces.push(bytes));
      request.on('end', () => {
        const bytes = Buffer.concat(pieces);
        const entry = { ok: verified(shop.secret, request.headers, bytes), body: JSON.parse(bytes) };
        shop.asked.push(entry);
        const { status = 200, body, text = JSON.stringify(body) } = shop.answer(entry);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(text);
      });
    });
    await new Promise((done) => {
      shop.server.listen(0, '127.0.0.1', done);
    });
    shop.url = `http://127.0.0.1:${shop.server.address().port}/customer`;
    return shop;
  }
  async stop() {
    this.server.closeAllConnections();
    if (this.server.listening) await new Promise((done) => this.server.close(done));
  }
}

each_store((settings) => {
  let desk;
  let agent;
  let lead;
  let viewer;
  let blue;
  let green;
  before(async () => {
    desk = await Desk.open({ settings: await settings() });
    blue = await desk.open_account(desk.owner, { name: 'Blue' });
    green = await desk.open_account(desk.owner, { name: 'Green' });
    agent = await desk.person('agent');
    lead = await desk.person('lead');
    viewer = await desk.person('viewer');
  });
  after(() => desk?.stop());

  async function arrives(shop, word, author) {
    await shop.program.post(
      '/open/posts',
      open_post(word, { author, text: `About ${word}: please help me.` }),
    );
    return agent.case_with(`About ${word}:`);
  }
  const person = (id) => agent.in('GET', `/people/${id}`);
  const refused = async (client, method, path, body) => {
    const answer = await client.send(method, `/api/v1/workspaces/${client.workspace}${path}`, body);
    assert.ok(answer.status >= 400, `${method} ${path} was done`);
    return answer;
  };

  test('one customer on two networks is joined, followed everywhere, and taken apart exactly', async () => {
    const one = await arrives(blue, 'kettle', { id: 'b-1', name: 'Yuki Tanaka', handle: 'yuki_tanaka' });
    const two = await arrives(green, 'toaster', { id: 'g-1', name: 'Tanaka Y.', handle: 'yuki.tanaka' });
    await agent.in('PATCH', `/people/${one.person_id}`, { note: 'Likes tea.', groups: ['VIP'] });
    await agent.in('PATCH', `/people/${two.person_id}`, {
      note: 'Call after six.',
      groups: ['VIP', 'press'],
    });
    await agent.in('PUT', `/cases/${two.id}/tags`, { tags: ['repair'] });
    const before = [await person(one.person_id), await person(two.person_id)];
    const live = await agent.live();
    const joined = await agent.in('POST', `/people/${one.person_id}/merge`, { person_id: two.person_id });
    await live.change('the join', ({ kind, data }) => kind === 'person.changed' && data.change === 'merged');
    assert.equal(joined.person.identities.length, 2);
    assert.equal(joined.person.note, 'Likes tea.\n\nCall after six.');
    assert.deepEqual(joined.person.groups, ['VIP', 'press']);
    assert.equal(joined.person.case_count, 2);
    assert.equal(
      (await person(two.person_id)).id,
      one.person_id,
      'the old address leads to who they are now',
    );
    // Case, list, search, posts, tags.
    const detail = await agent.in('GET', `/cases/${two.id}`);
    assert.equal(detail.person_id, one.person_id);
    assert.deepEqual(
      detail.earlier.map((row) => row.id),
      [one.id],
    );
    assert.equal((await agent.cases('now')).find((row) => row.id === two.id).person_id, one.person_id);
    const [hit] = (await agent.in('GET', '/search?q=yuki_tanaka')).items;
    assert.equal(hit.case_id, two.id, 'a person is found by any identity: the newest case of them all');
    const posts = (await agent.in('GET', `/people/${two.person_id}/posts`)).items;
    assert.deepEqual(
      posts.map((post) => post.case_id),
      [two.id, one.id],
    );
    assert.deepEqual((await agent.in('GET', `/people/${one.person_id}/tags`)).items, [
      { tag: 'repair', cases: 1 },
    ]);
    const cases_of = async (query) =>
      (await agent.in('GET', `/people/${one.person_id}/cases${query}`)).items.map((row) => row.id);
    assert.deepEqual(await cases_of(''), [two.id, one.id]);
    assert.deepEqual(await cases_of('?tag=repair'), [two.id], 'what the number of the tag counts');
    assert.deepEqual(await cases_of('?tag=none'), []);
    // A later post of either lands with the one person.
    await arrives(green, 'toaster-again', { id: 'g-1', name: 'Tanaka Y.', handle: 'yuki.tanaka' });
    assert.equal((await person(one.person_id)).case_count, 3);

    assert.equal(
      (await refused(agent, 'POST', `/people/${two.person_id}/merge`, { person_id: one.person_id })).body
        .code,
      'same_person',
    );
    const [change] = (await agent.in('GET', `/people/${one.person_id}/changes`)).items;
    assert.equal(change.can_undo, true);
    assert.equal(change.done_by, agent.me.id);
    await agent.in('POST', `/person_changes/${joined.change_id}/undo`);
    const after_undo = [await person(one.person_id), await person(two.person_id)];
    before[1].case_count += 1; // the case that came meanwhile goes with its identity
    assert.deepEqual(after_undo, before);
    assert.equal((await agent.in('GET', `/cases/${two.id}`)).person_id, two.person_id);
    assert.equal(
      (await refused(agent, 'POST', `/person_changes/${joined.change_id}/undo`)).body.code,
      'undone',
    );
    await live.close();
  });

  test('suggestions say why, and remember a no', async () => {
    const one = await arrives(blue, 'lamp', { id: 'b-2', name: '佐藤 花子', handle: 'hanako_sato' });
    const two = await arrives(green, 'stove', { id: 'g-2', name: '佐藤花子', handle: 'info' });
    await agent.in('PATCH', `/people/${one.person_id}`, { note: 'hanako@example.jp' });
    await agent.in('PATCH', `/people/${two.person_id}`, { note: 'Mail: Hanako@example.jp, 090-1234-5678' });
    const [first, ...others] = (await agent.in('GET', `/people/${one.person_id}/suggestions`)).items;
    assert.deepEqual(others, []);
    assert.equal(first.person.id, two.person_id);
    assert.deepEqual(first.reasons, [{ kind: 'email', text: 'hanako@example.jp' }]);
    await agent.in('PUT', `/people/${two.person_id}/apart/${one.person_id}`, {});
    assert.deepEqual((await agent.in('GET', `/people/${one.person_id}/suggestions`)).items, []);
    await agent.in('DELETE', `/people/${one.person_id}/apart/${two.person_id}`);
    assert.equal((await agent.in('GET', `/people/${two.person_id}/suggestions`)).items.length, 1);
    const found = (await agent.in('GET', '/people?q=%E8%8A%B1%E5%AD%90')).items.map((one) => one.id);
    assert.deepEqual(new Set(found), new Set([one.person_id, two.person_id]));
  });

  test('an identity that is somebody else becomes a person of its own', async () => {
    const one = await arrives(blue, 'fan', { id: 'b-3', name: 'Office', handle: 'office3' });
    const two = await arrives(green, 'clock', { id: 'g-3', name: 'Ken', handle: 'ken3' });
    const joined = await agent.in('POST', `/people/${one.person_id}/merge`, { person_id: two.person_id });
    const ids = joined.person.identities.map((identity) => identity.id);
    await refused(agent, 'POST', `/people/${one.person_id}/split`, { identity_ids: ids });
    const ken = joined.person.identities.find((identity) => identity.handle === 'ken3');
    const split = await agent.in('POST', `/people/${one.person_id}/split`, { identity_ids: [ken.id] });
    assert.equal(split.person.name, 'Ken');
    assert.equal((await agent.in('GET', `/cases/${two.id}`)).person_id, split.person.id);
    assert.equal(
      (await refused(agent, 'POST', `/person_changes/${joined.change_id}/undo`)).body.code,
      'undo_later_first',
    );
    await agent.in('POST', `/person_changes/${split.change_id}/undo`);
    assert.equal((await agent.in('GET', `/cases/${two.id}`)).person_id, one.person_id);
  });

  test("the desk's own fields, held to their kind", async () => {
    const row = await arrives(blue, 'vase', { id: 'b-4', name: 'Mika', handle: 'mika4' });
    const { version } = await desk.owner.in('GET', '/person_fields');
    const set = await desk.owner.in('PUT', '/person_fields', {
      version,
      fields: [
        { name: 'Customer number', kind: 'text' },
        { name: 'Plan', kind: 'choice', choices: ['gold', 'silver'] },
        { name: 'Since', kind: 'date' },
      ],
    });
    const [number, plan, since] = set.fields.map((field) => field.id);
    const values = { [number]: 'A-17', [plan]: 'gold', [since]: '2024-02-29' };
    await agent.in('PATCH', `/people/${row.person_id}`, { values });
    assert.deepEqual((await person(row.person_id)).values, values);
    const bad = await refused(agent, 'PATCH', `/people/${row.person_id}`, {
      values: { [since]: '2023-02-29' },
    });
    assert.equal(bad.body.where, `/values/${since}`);
    await agent.in('PATCH', `/people/${row.person_id}`, { values: { [plan]: null } });
    assert.equal((await person(row.person_id)).values[plan], undefined);
    assert.equal(
      (await refused(desk.owner, 'PUT', '/person_fields', { version, fields: [] })).body.code,
      'changed',
    );
    assert.equal((await refused(lead, 'PUT', '/person_fields', { version: 1, fields: [] })).status, 403);
    assert.equal((await refused(viewer, 'PATCH', `/people/${row.person_id}`, { values: {} })).status, 403);
  });

  test("a customer's number at the brand: proven by a channel, or written down, and found again", async () => {
    const proven = await arrives(blue, 'kiln', {
      id: 'b-6',
      name: 'Sora',
      handle: 'sora6',
      customer_id: 'C-600',
    });
    const plain = await arrives(green, 'oven', { id: 'g-6', name: 'S.', handle: 'xyz6' });
    assert.equal((await person(proven.person_id)).identities[0].customer_id, 'C-600');
    assert.equal((await person(proven.person_id)).customer_id, '', 'nobody wrote it down');
    const suggested = async () =>
      (await agent.in('GET', `/people/${plain.person_id}/suggestions`)).items.map((one) => [
        one.person.id,
        one.reasons[0],
      ]);
    assert.deepEqual(await suggested(), []);
    await agent.in('PATCH', `/people/${plain.person_id}`, { customer_id: 'c-600' });
    assert.deepEqual(await suggested(), [[proven.person_id, { kind: 'customer_id', text: 'c-600' }]]);
    const joined = await agent.in('POST', `/people/${proven.person_id}/merge`, {
      person_id: plain.person_id,
    });
    assert.equal(joined.person.customer_id, 'c-600');
    await agent.in('POST', `/person_changes/${joined.change_id}/undo`);
    assert.equal((await person(proven.person_id)).customer_id, '');
    const long = await refused(agent, 'PATCH', `/people/${plain.person_id}`, {
      customer_id: '9'.repeat(201),
    });
    assert.equal(long.body.where, '/customer_id');
    const asked = { customer_id: 'x' };
    assert.equal((await refused(viewer, 'PATCH', `/people/${plain.person_id}`, asked)).status, 403);
    // Asking the networks again says which of them did not answer; this one has no pages to read.
    const refreshed = await agent.in('POST', `/people/${plain.person_id}/refresh`, {});
    assert.deepEqual(refreshed.not_refreshed, []);
  });

  test("the company's system is asked by a signed request, kept, and its failures said", async (t) => {
    const shop = await ShopSystem.start();
    t.after(() => shop.stop());
    const row = await arrives(blue, 'iron', { id: 'b-5', name: 'Rin', handle: 'rin5' });
    const facts = (again) =>
      agent.in(
        again ? 'POST' : 'GET',
        `/people/${row.person_id}/facts${again ? '/refresh' : ''}`,
        again && {},
      );
    assert.equal((await facts()).state, 'off');
    assert.equal((await refused(lead, 'PUT', '/customer_source', { url: shop.url })).status, 403);
    const inside = await refused(desk.owner, 'PUT', '/customer_source', { url: 'https://10.0.0.9/x' });
    assert.equal(inside.body.where, '/url');
    const { source } = await desk.owner.in('PUT', '/customer_source', { url: shop.url });
    shop.secret = source.secret;
    assert.equal(
      (await desk.owner.in('GET', '/customer_source')).source.secret,
      undefined,
      'it is told once',
    );
    const order = {
      title: 'Order 1042',
      fields: [{ label: 'Total', value: '3,200 JPY' }],
      links: [{ label: 'Open', url: 'https://shop.example/orders/1042' }],
    };
    shop.answer = () => ({ body: { cards: [order] } });
    const first = await facts();
    assert.equal(first.state, 'ok');
    assert.deepEqual(first.cards, [order]);
    assert.equal(shop.asked[0].ok, true, 'signed');
    assert.match(shop.asked[0].body.data.identities[0].external_id, /\/b-5$/);
    assert.equal((await facts()).fetched_at, first.fetched_at);
    assert.equal(shop.asked.length, 1, 'kept');

    shop.answer = () => ({ status: 500, text: 'oops' });
    const failed = await facts(true);
    assert.equal(failed.state, 'failed');
    assert.equal(failed.error.code, 'refused');
    assert.deepEqual(failed.cards, [order], 'the last answer stays');
    shop.answer = () => ({ text: 'x'.repeat(300 * 1024) });
    assert.equal((await facts(true)).error.code, 'too_large');
    shop.answer = () => ({ text: '<html>' });
    assert.equal((await facts(true)).error.code, 'not_understood');
    shop.answer = () => ({ status: 404, text: '' });
    assert.equal((await facts(true)).state, 'unknown');
    await shop.stop();
    assert.equal((await facts(true)).error.code, 'unreachable');
    await desk.owner.in('DELETE', '/customer_source');
    assert.equal((await facts()).state, 'off');
  });

  test('joining changes the promise when the group does', async () => {
    const always = { key: 'always', time_zone: 'Asia/Tokyo', always_open: true };
    const { version } = await lead.in('GET', '/promises');
    await lead.in('PUT', '/promises', {
      version,
      calendars: [always],
      policies: [
        { key: 'vip', calendar: 'always', groups: ['VIP'], first_reply: { inside_minutes: 10 } },
        { key: 'default', calendar: 'always', first_reply: { inside_minutes: 60 } },
      ],
    });
    const one = await arrives(blue, 'radio', { id: 'b-6', name: 'Sora', handle: 'sora6' });
    const two = await arrives(green, 'table', { id: 'g-6', name: 'Sora?', handle: 'sora_6' });
    const minutes = async (id) => {
      const row = (await agent.cases('now')).find((each) => each.id === id);
      return (Date.parse(row.due_at) - Date.parse(row.promised_from)) / 60_000;
    };
    await agent.in('PATCH', `/people/${one.person_id}`, { groups: ['VIP'] });
    assert.equal(await minutes(two.id), 60);
    const joined = await agent.in('POST', `/people/${one.person_id}/merge`, { person_id: two.person_id });
    assert.equal(await minutes(two.id), 10);
    await agent.in('POST', `/person_changes/${joined.change_id}/undo`);
    await until('the promise of before', async () => (await minutes(two.id)) === 60);
  });
});
