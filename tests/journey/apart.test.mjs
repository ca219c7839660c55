// Two brands in two workspaces of one desk: neither sees anything of the other, by no door.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { Desk, open_post, password } from '../support/desk.mjs';
import { each_store } from '../support/stores.mjs';

each_store((settings) => {
  let desk;
  let coffee; // an agent of the first brand, and of nothing else
  let tea;
  let tea_case;
  let tea_live;
  before(async () => {
    desk = await Desk.open({ settings: await settings() });
    coffee = await desk.person('administrator');
    tea = await desk.workspace('Tea');
    const shop = await desk.open_account(tea);
    tea_live = await tea.live();
    await shop.program.post('/open/posts', open_post('tea', { text: 'My teapot 急須 leaks.' }));
    tea_case = await tea.case_with('teapot');
    tea.account = shop.account;
  });
  after(() => desk?.stop());

  test('no route of the other workspace answers a stranger', async () => {
    const paths = [
      '',
      '/members',
      '/invitations',
      '/tokens',
      '/accounts',
      '/topics',
      '/cases',
      '/cases/counts',
      `/cases/${tea_case.id}`,
      `/cases/${tea_case.id}/timeline`,
      `/people/${tea_case.person_id}`,
      '/people?q=person',
      ...['posts', 'cases', 'tags', 'changes', 'suggestions', 'facts'].map(
        (part) => `/people/${tea_case.person_id}/${part}`,
      ),
      '/person_fields',
      '/search?q=teapot',
      '/journal/failures',
      '/stream',
      '/live',
      `/accounts/${tea.account.id}/deliveries`,
    ];
    for (const path of paths) {
      const answer = await coffee.send('GET', `/api/v1/workspaces/${tea.workspace}${path}`);
      assert.ok([403, 404].includes(answer.status), `${path}: ${answer.status}`);
      assert.doesNotMatch(answer.text, /teapot|急須/);
    }
  });

  test("an id of the other workspace is not found in one's own", async () => {
    for (const path of [
      `/cases/${tea_case.id}`,
      `/cases/${tea_case.id}/timeline`,
      ...['', '/posts', '/cases', '/tags', '/changes', '/suggestions', '/facts'].map(
        (part) => `/people/${tea_case.person_id}${part}`,
      ),
      `/accounts/${tea.account.id}/deliveries`,
    ]) {
      const answer = await coffee.send('GET', `/api/v1/workspaces/${coffee.workspace}${path}`);
      assert.equal(answer.status, 404, path);
    }
    for (const [action, body] of [
      ['resolve', {}],
      ['notes', { text: 'x' }],
      ['assign', { user_id: null }],
    ]) {
      const answer = await coffee.send(
        'POST',
        `/api/v1/workspaces/${coffee.workspace}/cases/${tea_case.id}/${action}`,
        body,
      );
      assert.equal(answer.status, 404, action);
    }
    assert.equal((await tea.in('GET', `/cases/${tea_case.id}`)).status, 'open');
  });

  test('search and live stream stay in the workspace', async () => {
    assert.equal((await coffee.in('GET', '/search?q=teapot')).items.length, 0);
    const live = await coffee.live();
    const own = await desk.open_account(desk.owner);
    await own.program.post('/open/posts', open_post('coffee', { text: 'My cup leaks.' }));
    await live.change('their own case', (data) => data.case?.preview.includes('My cup'));
    assert.ok(!JSON.stringify(live.events).includes('teapot'));
    assert.ok(!JSON.stringify(tea_live.events).includes('My cup'));
    await live.close();
    await tea_live.close();
  });

  test('who is taken out of a workspace loses it at once, the open live stream too', async () => {
    const guest = await desk.person('agent', tea.workspace);
    const live = await guest.live({ workspace: tea.workspace });
    assert.equal(live.status, 200);
    await tea.in('DELETE', `/members/${guest.me.id}`);
    const answer = await guest.send('GET', `/api/v1/workspaces/${tea.workspace}/cases`);
    assert.ok([401, 403, 404].includes(answer.status), `${answer.status}`);
    await live.close();
  });

  test('roles hold: a viewer reads and changes nothing, an agent administers nothing', async () => {
    const viewer = await desk.person('viewer', tea.workspace);
    const agent = await desk.person('agent', tea.workspace);
    const base = `/api/v1/workspaces/${tea.workspace}`;
    assert.equal((await viewer.send('GET', `${base}/cases`)).status, 200);
    for (const [who, method, path, body] of [
      [viewer, 'POST', `/cases/${tea_case.id}/resolve`, {}],
      [viewer, 'POST', `/cases/${tea_case.id}/notes`, { text: 'x' }],
      [agent, 'POST', '/tokens', { name: 'x', role: 'owner' }],
      [agent, 'POST', '/invitations', { role: 'owner' }],
      [agent, 'DELETE', `/accounts/${tea.account.id}`, undefined],
      [agent, 'PATCH', '', { name: 'Mine' }],
    ]) {
      assert.equal((await who.send(method, base + path, body)).status, 403, `${method} ${path}`);
    }
  });

  test('an invitation works once', async () => {
    const invitation = await tea.in('POST', '/invitations', { role: 'viewer' });
    const token = invitation.link
      .split(/[#/]/)
      .filter((piece) => piece && piece !== 'accept')
      .at(-1);
    const body = { name: 'One', email: 'one@example.com', password, language: 'en' };
    await new Client(desk.url).post(`/invitations/${token}/accept`, body);
    const again = await new Client(desk.url).send('POST', `/api/v1/invitations/${token}/accept`, {
      ...body,
      email: 'two@example.com',
    });
    assert.ok([404, 410, 409].includes(again.status), `${again.status}`);
  });
});
