// A storm on the desk, told once by each way: in the console, by mail through a real Postfix, and by a signed webhook,
// although the program is killed in the middle of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk, open_post } from '../support/desk.mjs';
import { Postfix, postfix_is_here } from '../support/postfix.mjs';
import { each_store } from '../support/stores.mjs';
import { until } from '../support/wait.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';

each_store((settings) => {
  let desk;
  let shop;
  let receiver;
  let mail;
  let topic;
  let ken; // an agent who reads English
  const has_mail = postfix_is_here();

  before(async () => {
    if (has_mail) mail = await Postfix.start();
    receiver = await WebhookReceiver.start();
    desk = await Desk.open({
      language: 'ja',
      settings: {
        ...(await settings()),
        ...(mail
          ? { 'mail.url': `smtp://127.0.0.1:${mail.port}`, 'mail.from': '聞き耳 <desk@example.com>' }
          : {}),
      },
    });
    ken = await desk.person('agent');
    shop = await desk.open_account();
    topic = await desk.owner.in('POST', '/topics', { name: '炊飯器', keywords: ['炊飯器'] });
    const hook = await desk.owner.in('POST', '/webhooks', { name: 'Phone', url: receiver.url });
    receiver.secret = hook.secret;
    assert.equal(
      (await desk.owner.in('GET', '/webhooks')).items[0].secret,
      undefined,
      'a secret is seen once',
    );
    const rules = { learnt: true, posts: 12, minutes: 10 };
    assert.deepEqual(await desk.owner.in('PUT', `/topics/${topic.id}/alarm_rules`, rules), rules);
  });
  after(async () => {
    await desk?.stop();
    await receiver?.stop();
    mail?.stop();
  });
  const storm = (from, number) =>
    shop.program.post('/open/posts', {
      posts: Array.from({ length: number }, (_, i) =>
        open_post(`${from + i}`, { text: '炊飯器から煙が出た', reason: 'found' }),
      ),
    });

  test('a storm raises one alarm, and nothing is told twice across kill -9', async () => {
    receiver.answer = () => 503; // nobody picks up yet
    await storm(0, 15);
    await until('the alarm is told in the console', async () => {
      const page = await desk.owner.in('GET', '/notices');
      return page.unread === 1;
    });
    await until('the webhook was tried', () => receiver.requests.length > 0);
    if (mail) await until('the mails arrived', () => mail.mails().length === 2);
    await desk.program.kill();
    receiver.answer = () => 204;
    await desk.program.start();
    await storm(100, 15);
    await until('the webhook arrived', () => receiver.accepted.size > 0, { timeout_ms: 240_000 });
    await storm(200, 5);
    await desk.owner.case_with('煙');
    await desk.program.kill();
    await desk.program.start();

    const { items: alarms } = await desk.owner.in('GET', `/alarms?topic_id=${topic.id}`);
    assert.equal(alarms.length, 1, JSON.stringify(alarms));
    assert.equal(alarms[0].rule, 'set');
    assert.equal(alarms[0].minutes, 10);
    assert.equal(alarms[0].usual, 12);
    assert.ok(alarms[0].posts >= 12 && alarms[0].severity >= 5);
    for (const person of [desk.owner, ken]) {
      const page = await person.in('GET', '/notices');
      assert.equal(page.items.length, 1);
      assert.equal(page.items[0].kind, 'rise_set');
      assert.equal(page.items[0].data.topic, '炊飯器');
    }
    assert.deepEqual([...receiver.accepted.values()], [1], 'one webhook-id, accepted once');
    assert.ok(
      receiver.requests.every((request) => request.ok),
      'every try was signed',
    );
    const [{ body }] = receiver.requests;
    assert.equal(body.type, 'notice.rise_set');
    assert.equal(body.data.topic_id, topic.id);
    const hook = (await desk.owner.in('GET', '/webhooks')).items[0];
    const log = (await desk.owner.in('GET', `/webhooks/${hook.id}/deliveries`)).items;
    assert.equal(log[0].outcome, 'delivered');
    assert.ok(log.length >= 2, 'the tries that failed stand there too');
  });

  test('each person got one mail, in their language', {
    skip: !has_mail && 'no Postfix, or not root',
  }, async () => {
    const mails = await until('two mails', () => mail.mails().length >= 2 && mail.mails(), {
      timeout_ms: 240_000,
    });
    const ids = new Set(mails.map((one) => one.headers['message-id']));
    assert.equal(ids.size, 2);
    assert.equal(mails.length, 2, mail.log());
    const of = (address) => mails.find((one) => one.to === address);
    assert.match(of('owner@example.com').subject, /「炊飯器」が決めた件数に達しました/);
    assert.match(of('owner@example.com').text, /直近10分で\d+件。基準は12件です。/);
    assert.match(of(ken.email).subject, /“炊飯器” has reached your number/);
    assert.match(of(ken.email).text, /\d+ posts in the last 10 minutes; the rule says 12\./);
    assert.equal(of(ken.email).headers['auto-submitted'], 'auto-generated');
  });

  test('what was read is read, for that person alone', async () => {
    const [notice] = (await ken.in('GET', '/notices')).items;
    await ken.in('POST', `/notices/${notice.id}/read`);
    assert.equal((await ken.in('GET', '/notices')).unread, 0);
    assert.equal((await desk.owner.in('GET', '/notices')).unread, 1);
  });

  test('a notice is sent again on demand, under the same id', async () => {
    const hook = (await desk.owner.in('GET', '/webhooks')).items[0];
    const [delivery] = (await desk.owner.in('GET', `/webhooks/${hook.id}/deliveries`)).items;
    await desk.owner.in('POST', `/webhooks/${hook.id}/deliveries/${delivery.notice_id}/resend`);
    await until('it came again', () => [...receiver.accepted.values()][0] === 2);
    assert.equal(receiver.accepted.size, 1);
  });

  test('settings are checked, and webhooks are the administrator’s', async () => {
    const refused = (work) =>
      work.then(
        () => assert.fail('was taken'),
        (error) => error.status,
      );
    assert.equal(await refused(ken.in('GET', '/webhooks')), 403);
    assert.equal(
      await refused(ken.in('PUT', `/topics/${topic.id}/alarm_rules`, { learnt: true, posts: 0, minutes: 0 })),
      403,
    );
    assert.equal(await refused(ken.in('PATCH', '/notification_settings', { quiet_from: '22:00' })), 400);
    const changed = await ken.in('PATCH', '/notification_settings', {
      least_severity: 9,
      quiet_from: '22:00',
      quiet_until: '07:00',
      time_zone: 'Europe/Berlin',
    });
    assert.equal(changed.least_severity, 9);
    assert.equal(changed.mail_works, has_mail);
    assert.equal(
      await refused(desk.owner.in('POST', '/webhooks', { name: 'In', url: 'http://10.0.0.1/' })),
      400,
    );
  });
});
