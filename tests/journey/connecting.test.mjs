// An account's connection from outside: its page, the doors that networks knock at, and what they tell a stranger.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk, open_post } from '../support/desk.mjs';
import { each_store } from '../support/stores.mjs';

each_store((settings) => {
  let desk;
  let shop;
  before(async () => {
    desk = await Desk.open({
      settings: { ...(await settings()), public_url: 'http://desk.example' },
    });
    shop = await desk.open_account();
  });
  after(() => desk?.stop());
  const knock = (path, options) => fetch(`${desk.url}${path}`, { redirect: 'manual', ...options });

  test('the page of an account says how its connection is', async () => {
    const connection = await desk.owner.in('GET', `/accounts/${shop.account.id}/connection`);
    assert.equal(connection.webhook, null, 'nothing calls the open channel');
    assert.deepEqual(connection.problems, []);
    assert.deepEqual(connection.gaps, []);
    assert.ok(connection.credentials_at, 'its secret has an age');
    const agent = await desk.person('agent');
    const refused = await agent.send(
      'GET',
      `/api/v1/workspaces/${agent.workspace}/accounts/${shop.account.id}/connection`,
    );
    assert.equal(refused.status, 403);
  });

  test('a stranger at the door learns nothing', async () => {
    for (const [method, path, status] of [
      ['POST', '/hooks/12345', 404],
      ['GET', '/hooks/12345', 404],
      ['POST', `/hooks/${shop.account.id}`, 404],
      ['PUT', `/hooks/${shop.account.id}`, 405],
      ['DELETE', '/hooks/12345', 405],
      ['POST', '/hooks/nonsense', 404],
      ['GET', '/files/1.2.99999.forged', 404],
    ]) {
      const answer = await knock(path, { method, ...(method === 'POST' ? { body: 'knock' } : {}) });
      assert.equal(answer.status, status, `${method} ${path}`);
      assert.equal(answer.headers.get('location'), null);
      assert.doesNotMatch(await answer.text(), /account|workspace|open/i);
    }
  });

  test('a body over the limit is refused, and the desk goes on', async () => {
    const answer = await knock(`/hooks/${shop.account.id}`, {
      method: 'POST',
      body: Buffer.alloc((1 << 20) + 1, 97),
    }).catch(() => null); // some clients see the line close before they read the answer
    if (answer) assert.equal(answer.status, 413);
    assert.equal((await knock('/healthz')).status, 200);
  });

  test('coming back from a sign-in that nobody began connects nothing', async () => {
    const stranger = await knock('/connect/callback?state=made-up-state-of-some-length&code=1');
    assert.equal(stranger.status, 303);
    assert.equal(stranger.headers.get('location'), '/login');
    const before_it = (await desk.owner.in('GET', '/accounts')).items.length;
    const back = await desk.owner.send('GET', '/connect/callback?state=made-up-state-of-some-length&code=1');
    assert.ok([200, 303].includes(back.status), String(back.status));
    assert.equal((await desk.owner.in('GET', '/accounts')).items.length, before_it);
  });

  test('what a network cannot do is said, not tried', async () => {
    await shop.program.post('/open/posts', open_post('hand', { text: 'The hinge is bent, please help me' }));
    const row = await desk.owner.case_with('The hinge is bent');
    const detail = await desk.owner.in('GET', `/cases/${row.id}`);
    assert.deepEqual(detail.elsewhere, []);
    const [way] = detail.can_reply;
    assert.equal(way.reply_closed, '');
    const by_hand = await desk.owner.send(
      'POST',
      `/api/v1/workspaces/${desk.owner.workspace}/cases/${row.id}/compose-link`,
      {
        account_id: way.account_id,
        target_post_id: way.target_post_id,
        text: 'We are sorry.',
        request_id: 'by-hand',
      },
    );
    assert.equal(by_hand.status, 422);
    assert.equal(by_hand.body.code, 'no_compose_page');
    const sign_in = await desk.owner.send(
      'POST',
      `/api/v1/workspaces/${desk.owner.workspace}/accounts/sign-in`,
      { network: 'open' },
    );
    assert.equal(sign_in.status, 400);
  });

  test('connecting again keeps the history', async () => {
    await shop.program.post('/open/posts', open_post('kept', { text: 'This lamp was here before that' }));
    const row = await desk.owner.case_with('This lamp was here before');
    await desk.owner.in('DELETE', `/accounts/${shop.account.id}`);
    const gone = await desk.owner.send(
      'GET',
      `/api/v1/workspaces/${desk.owner.workspace}/accounts/${shop.account.id}/connection`,
    );
    assert.equal(gone.status, 404);
    assert.equal((await desk.owner.in('GET', `/cases/${row.id}`)).id, row.id);
  });
});
