// The web chat from outside: a visitor's doors, the same conversation at the desk, private links, mail for those who
// left, and everything that must be refused.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Desk, open_post } from '../support/desk.mjs';
import { Postfix, postfix_is_here } from '../support/postfix.mjs';
import { each_store } from '../support/stores.mjs';
import { connect_chat, hours, identity, png, soon, Visitor } from '../support/visitor.mjs';
import { until } from '../support/wait.mjs';

const has_mail = postfix_is_here();

each_store((settings) => {
  let desk;
  let agent;
  let chat;
  let shop;
  let mail;
  before(async () => {
    if (has_mail) mail = await Postfix.start();
    desk = await Desk.open({
      settings: {
        ...(await settings()),
        'chat.mail_after_ms': '300',
        ...(mail
          ? { 'mail.url': `smtp://127.0.0.1:${mail.port}`, 'mail.from': '聞き耳 <desk@example.com>' }
          : {}),
      },
    });
    agent = await desk.person('agent');
    chat = await connect_chat(desk);
    shop = await desk.open_account();
  });
  after(async () => {
    await desk?.stop();
    mail?.stop();
  });
  const come = (options) => new Visitor(desk.url, chat.key, options);
  const out = (visitor, text) =>
    visitor.hears(`"${text}"`, (one) => one.event === 'message' && one.text === text);

  test('a visitor writes, an agent answers, both see it; nothing is lost over a lost connection', async () => {
    const visitor = come();
    assert.equal((await visitor.send('GET', '/messages')).body.known, false);
    assert.equal((await visitor.send('GET', '/events')).status, 404, 'nobody yet');
    const id = 'first-message';
    const wrote = await visitor.write('The mug handle is broken <b>!</b>', { id, language: 'en' });
    assert.equal(wrote.status, 202, JSON.stringify(wrote.body));
    assert.equal(wrote.headers.get('access-control-allow-origin'), 'https://shop.example');
    assert.equal(wrote.headers.get('set-cookie'), null);
    const again = await visitor.write('The mug handle is broken <b>!</b>', { id, language: 'en' });
    assert.deepEqual(again.body, wrote.body);

    const row = await agent.case_with('mug handle');
    const detail = await agent.in('GET', `/cases/${row.id}`);
    assert.deepEqual(
      detail.conversations.map((one) => [one.network, one.visibility]),
      [['chat', 'private']],
    );
    assert.match(row.name, /^Visitor \w{4}$/);
    await visitor.listen();
    const reply = await agent.reply(row.id, 'We send you a new one.');
    await agent.confirmed(row.id, reply.id);
    const heard = await out(visitor, 'We send you a new one.');
    assert.equal(heard.from, 'desk');
    assert.equal(heard.author, agent.me.name);

    await visitor.leave();
    const second = await agent.reply(row.id, 'It leaves today.');
    await agent.confirmed(row.id, second.id);
    const third = await agent.reply(row.id, 'With a saucer.');
    await agent.confirmed(row.id, third.id);
    visitor.heard = [];
    await visitor.listen();
    await out(visitor, 'With a saucer.');
    assert.deepEqual(
      visitor.heard.map((one) => one.text),
      ['It leaves today.', 'With a saucer.'],
    );
    const texts = (await visitor.all()).map((one) => one.text);
    assert.deepEqual(texts, [
      'The mug handle is broken <b>!</b>',
      'We send you a new one.',
      'It leaves today.',
      'With a saucer.',
    ]);
    assert.equal(
      (await agent.timeline(row.id)).filter((item) => item.direction === 'in').length,
      1,
      'sent twice, one post',
    );
    await visitor.leave();
  });

  test('both see the other type, and the agent sees whether the visitor is there', async () => {
    const visitor = come();
    await visitor.write('Are you there, typing?');
    const row = await agent.case_with('Are you there, typing?');
    const state = async () => (await agent.in('GET', `/cases/${row.id}/visitor`)).visitor;
    assert.equal((await state()).here, false);
    const live = await agent.live();
    const news = (wanted) =>
      until('the desk hears of the visitor', () =>
        live.events.find((one) => one.event === 'visitor' && one.data.case_id === row.id && wanted(one.data)),
      );
    await visitor.listen();
    await news((one) => one.here && !one.writing);
    assert.equal((await state()).here, true);
    assert.equal((await visitor.send('POST', '/typing', { writing: true })).status, 204);
    await news((one) => one.writing);
    // Whoever may only read writes nothing that a customer would wait for.
    const viewer = await desk.person('viewer');
    visitor.heard = [];
    await viewer.in('POST', `/cases/${row.id}/presence`, { state: 'writing' });
    const reply = await agent.reply(row.id, 'Yes, we are here.');
    await agent.confirmed(row.id, reply.id);
    await out(visitor, 'Yes, we are here.');
    assert.equal(visitor.heard.filter((one) => one.event === 'typing' && one.writing).length, 0);
    await agent.in('POST', `/cases/${row.id}/presence`, { state: 'writing' });
    await visitor.hears('typing', (one) => one.event === 'typing' && one.writing);
    await visitor.leave();
    await news((one) => !one.here);
    await live.close();
    const open_case = await agent.in('GET', `/cases/${row.id}/visitor`);
    assert.equal(open_case.visitor.email, '');
  });

  test('pictures go up and down; only pictures, only so large, only one’s own', async () => {
    const visitor = come();
    const up = await visitor.send('POST', '/files', png());
    assert.equal(up.status, 201, JSON.stringify(up.body));
    assert.deepEqual([up.body.content_type, up.body.width, up.body.height], ['image/png', 1, 1]);
    const wrote = await visitor.write('', { files: [up.body.id] });
    assert.equal(wrote.status, 202);
    assert.equal(wrote.body.files[0].id, up.body.id);
    const down = await visitor.send('GET', `/files/${up.body.id}`);
    assert.equal(down.headers.get('content-type'), 'image/png');
    assert.match(down.headers.get('content-security-policy'), /sandbox/);
    assert.deepEqual(down.bytes, png());
    const other = come();
    await other.write('Somebody with other pictures');
    assert.equal((await other.send('GET', `/files/${up.body.id}`)).status, 404);
    assert.equal((await other.write('Mine?', { files: [up.body.id] })).status, 400);
    const script = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    assert.equal((await other.send('POST', '/files', script)).body.code, 'not_an_image');
    assert.equal((await other.send('POST', '/files', png(5 * 1024 * 1024 + 1))).status, 413);

    const row = await agent.case_with('Somebody with other pictures');
    const attachment = await agent.in('POST', '/attachments?alt=A%20mug', png(), { raw: true });
    await other.listen();
    const reply = await agent.reply(row.id, 'Like this one', { attachment_ids: [attachment.id] });
    await agent.confirmed(row.id, reply.id);
    const heard = await out(other, 'Like this one');
    assert.equal(heard.files[0].alt, 'A mug');
    assert.deepEqual((await other.send('GET', `/files/${heard.files[0].id}`)).bytes, png());
    assert.equal((await visitor.send('GET', `/files/${heard.files[0].id}`)).status, 404);
    await other.leave();
  });

  test('an answer that is taken back is gone from the page', async () => {
    const visitor = come();
    await visitor.write('Please delete what you say');
    const row = await agent.case_with('Please delete what you say');
    await visitor.listen();
    const reply = await agent.reply(row.id, 'A wrong answer');
    await agent.confirmed(row.id, reply.id);
    await out(visitor, 'A wrong answer');
    const post = (await agent.timeline(row.id)).find((item) => item.text === 'A wrong answer');
    await agent.in('DELETE', `/posts/${post.id}`);
    await visitor.hears('that it is gone', (one) => one.deleted && one.text === '');
    await visitor.leave();
  });

  test('a private link brings the case along; stolen or repeated it opens nothing', async () => {
    await shop.program.post(
      '/open/posts',
      open_post('linked', {
        text: 'The linked lamp flickers badly',
        reason: 'mention',
        visibility: 'public',
      }),
    );
    const row = await agent.case_with('linked lamp');
    const learnt = (await agent.in('GET', `/cases/${row.id}`)).person_id;
    await agent.in('PATCH', `/people/${learnt}`, { note: 'Has the lamp with the green shade' });
    const way = (await agent.in('GET', `/cases/${row.id}`)).can_reply[0];
    await agent.in('POST', `/cases/${row.id}/replies`, {
      account_id: way.account_id,
      target_post_id: way.target_post_id,
      request_id: 'linked',
      text: 'Let us look at it: {{private_link}}',
    });
    const offered = (await agent.timeline(row.id)).findLast((item) => item.direction === 'out').text;
    const door = await fetch(offered.match(/https?:\S+\/p\/[\w-]+/)[0], { redirect: 'manual' });
    const place = new URL(door.headers.get('location'), desk.url);
    assert.equal(place.pathname, `/chat/${chat.key}`);
    const word = place.searchParams.get('kikimimi');
    const hosted = await fetch(place);
    assert.equal(hosted.status, 200);
    assert.equal((await hosted.text()).includes('lamp'), false, 'the page tells nothing of the case');

    const customer = come();
    await customer.write('Here I am, it is the linked one', { continues: word });
    const texts = async (id) =>
      (await agent.timeline(id)).filter((item) => item.type === 'post').map((item) => item.text);
    await until('it joined', async () => (await texts(row.id)).includes('Here I am, it is the linked one'));
    await until('one card for both', async () => {
      const { person_id } = await agent.in('GET', `/cases/${row.id}`);
      const { identities, note } = await agent.in('GET', `/people/${person_id}`);
      assert.equal(note, 'Has the lamp with the green shade', 'what was learnt stays');
      return (
        identities
          .map((one) => one.network)
          .sort()
          .join() === 'chat,open'
      );
    });
    const thief = come();
    await thief.write('I found this link somewhere', { continues: word });
    const other = await agent.case_with('I found this link');
    assert.notEqual(other.id, row.id);
    assert.deepEqual(
      (await thief.all()).map((one) => one.text),
      ['I found this link somewhere'],
    );
    const refused = (await agent.timeline(row.id)).filter((item) => item.kind === 'private.refused');
    assert.deepEqual(
      refused.map((fact) => fact.data.why),
      ['used'],
    );
    const told = (await agent.timeline(other.id)).find((item) => item.kind === 'private.refused');
    assert.deepEqual(
      told.data,
      { why: 'used', case_id: row.id },
      'and their own case says where they came from',
    );
    // The answer goes where they are now.
    const detail = await agent.in('GET', `/cases/${row.id}`);
    assert.equal(detail.can_reply[0].visibility, 'private');
    await customer.listen();
    await agent.reply(row.id, 'Good that you came over.');
    await out(customer, 'Good that you came over.');
    await customer.leave();
  });

  test('who is signed in is proven by the site: forged, old, foreign and stolen words are refused', async () => {
    const { secret } = await desk.owner.in('POST', `/accounts/${chat.account.id}/chat/secret`, {});
    const claims = { sub: 'user-7', name: '佐藤', email: 'sato@example.com', exp: soon(), aud: chat.key };
    const known = come();
    known.identity = identity(secret, claims);
    const wrote = await known.write('From my account page');
    assert.equal(wrote.status, 202, JSON.stringify(wrote.body));
    const row = await agent.case_with('From my account page');
    assert.equal(row.name, '佐藤');
    assert.equal((await agent.in('GET', `/cases/${row.id}/visitor`)).visitor.proven, true);
    // Their own word on another device: the same conversation.
    const phone = come();
    phone.identity = identity(secret, { ...claims, jti: 'phone' });
    assert.deepEqual(
      (await phone.all()).map((one) => one.text),
      ['From my account page'],
    );
    const refused = async (token, code) => {
      const thief = come();
      thief.identity = token;
      const answer = await thief.send('GET', '/messages');
      assert.deepEqual([answer.status, answer.body.code], [401, code], token);
    };
    await refused(known.identity, 'identity_used');
    await refused(identity('another secret', claims), 'identity_refused');
    await refused(identity(secret, claims, { alg: 'none' }), 'identity_refused');
    await refused(identity(secret, { ...claims, exp: soon(-1) }), 'identity_refused');
    await refused(identity(secret, { ...claims, exp: soon(3 * 86_400) }), 'identity_refused');
    await refused(identity(secret, { ...claims, aud: 'another-chat' }), 'identity_refused');
    const other_chat = await connect_chat(desk);
    const { secret: other_secret } = await desk.owner.in(
      'POST',
      `/accounts/${other_chat.account.id}/chat/secret`,
      {},
    );
    await refused(identity(other_secret, { ...claims, aud: undefined }), 'identity_refused');
    known.identity = identity(secret, { ...claims, sub: 'user-8' });
    assert.equal((await known.send('GET', '/messages')).body.code, 'identity_other');
    const elsewhere = new Visitor(desk.url, other_chat.key, { token: phone.token });
    assert.equal((await elsewhere.send('GET', '/messages')).body.code, 'wrong_chat');
  });

  test('hours, waiting time and words are told in the page’s language', async () => {
    const book = await desk.owner.in('GET', '/promises');
    await desk.owner.in('PUT', '/promises', { version: book.version, ...hours(false) });
    const ja = (await come().send('GET', '/config?lang=ja')).body;
    assert.equal(ja.language, 'ja');
    assert.equal(ja.hours.open, false);
    assert.match(ja.words.send, /送信/);
    assert.match(ja.away, /メール/);
    const now = await desk.owner.in('GET', '/promises');
    await desk.owner.in('PUT', '/promises', { version: now.version, ...hours(true) });
    const en = (await come().send('GET', '/config?lang=en')).body;
    assert.equal(en.hours.open, true);
    assert.equal(en.words.send, 'Send');
    assert.ok(en.waiting_ms === null || en.waiting_ms >= 0);
  });

  test('only allowed sites, only sound messages, only so much at once', async () => {
    for (const origin of [
      'https://evil.example',
      'https://shop.example.evil',
      'http://shop.example',
      'null',
    ]) {
      const stranger = come({ origin });
      const wrote = await stranger.write('From a foreign site');
      assert.deepEqual([wrote.status, wrote.body.code], [403, 'origin'], origin);
      assert.equal(wrote.headers.get('access-control-allow-origin'), null);
      assert.equal((await stranger.send('OPTIONS', '/messages')).status, 403);
      assert.equal((await stranger.send('GET', '/config')).status, 403);
    }
    const framed = come({ origin: '' });
    assert.equal(
      (await framed.send('GET', '/config', undefined, { headers: { 'sec-fetch-site': 'cross-site' } }))
        .status,
      403,
    );
    const asked = await come().send('OPTIONS', '/messages');
    assert.equal(asked.status, 204);
    assert.match(asked.headers.get('access-control-allow-headers'), /X-Kikimimi-Visitor/);
    const page = await fetch(`${desk.url}/chat/${chat.key}`);
    assert.match(
      page.headers.get('content-security-policy'),
      /frame-ancestors 'self' https:\/\/shop\.example$/,
    );
    const visitor = come();
    for (const [body, where] of [
      [{ id: 'a', text: '' }, '/text'],
      [{ id: 'a b', text: 'x' }, '/id'],
      [{ id: 'a', text: 'x', email: 'no address' }, '/email'],
      [{ id: 'a', text: 'x', wish: 1 }, '/wish'],
    ]) {
      const answer = await visitor.send('POST', '/messages', body);
      assert.deepEqual([answer.status, answer.body.where], [400, where]);
    }
    assert.equal(
      (await visitor.send('POST', '/messages', { id: 'a', text: 'x'.repeat(40_000) })).status,
      413,
    );
    visitor.token = 'too short';
    assert.equal((await visitor.write('x')).status, 401);
    assert.equal((await new Visitor(desk.url, 'no-such-chat').write('x')).status, 404);

    const flood = come();
    const answers = [];
    for (let i = 0; i < 12; i += 1) answers.push(await flood.write(`Flood ${i}`));
    const held = answers.find((one) => one.status === 429);
    assert.ok(held, 'a flood is held');
    assert.equal(held.body.code, 'too_fast');
    assert.ok(Number(held.headers.get('retry-after')) >= 1);
    assert.equal(
      held.headers.get('access-control-allow-origin'),
      'https://shop.example',
      'the page can read it',
    );
    const taken = answers.filter((one) => one.status === 202).length;
    assert.equal((await flood.all()).length, taken, 'nothing half stored');
    assert.equal((await come().write('Another visitor is not held')).status, 202);
  });

  test('who left an address gets the answer there, once; the agent is told', {
    skip: !has_mail && 'no Postfix, or not root',
  }, async () => {
    const visitor = come();
    const email = `visitor-${Date.now()}@example.com`;
    await visitor.write('夜分に失礼します、注文の件です', {
      email,
      language: 'ja',
      page: 'https://shop.example/orders?secret=1',
    });
    const row = await agent.case_with('注文の件です');
    assert.equal((await agent.in('GET', `/cases/${row.id}/visitor`)).visitor.email, email);
    const reply = await agent.reply(row.id, 'ご注文は本日 <発送> しました。');
    await agent.confirmed(row.id, reply.id);
    const sent = () => mail.mails().filter((one) => one.to === email);
    await until('the mail came', () => sent().length > 0);
    const told = await until('the agent is told', async () =>
      (await agent.timeline(row.id)).find((item) => item.kind === 'chat.mailed'),
    );
    assert.equal(told.data.to, 'v…@example.com');
    const [one] = sent();
    assert.match(one.subject, /お返事/);
    assert.match(one.text, /ご注文は本日 <発送> しました。/);
    assert.match(one.text, /https:\/\/shop\.example\/orders/);
    // Somebody who is there reads it on the page: no mail.
    await visitor.listen();
    const second = await agent.reply(row.id, 'ほかにご不明な点はありますか。');
    await agent.confirmed(row.id, second.id);
    const heard = await out(visitor, 'ほかにご不明な点はありますか。');
    assert.equal((await visitor.send('POST', '/read', { seq: heard.seq })).status, 204);
    await visitor.leave();
    const third = await agent.reply(row.id, 'それでは失礼いたします。');
    await agent.confirmed(row.id, third.id);
    await until('the third came', () => sent().some((other) => other.text.includes('失礼いたします')));
    assert.equal(sent().length, 2, 'the second was read on the page');
    assert.equal(new Set(sent().map((other) => other.headers['message-id'])).size, 2);
  });

  test('the page that tells how to reach the brand, and its data for the brand’s own pages', async () => {
    const none = await desk.owner.in('GET', '/reach');
    assert.equal(none.enabled, false);
    const reach = await desk.owner.in('PUT', '/reach', {
      enabled: true,
      origins: ['https://shop.example'],
      ja: { title: 'お問い合わせ', about: 'いつでもどうぞ。' },
      accounts: [{ account_id: chat.account.id }],
      ways: [{ name_ja: '電話', name_en: 'Telephone', value: '03-0000-0000', url: 'tel:+81300000000' }],
    });
    assert.ok(reach.key);
    const data = async (headers = {}, language = 'ja') =>
      fetch(`${desk.url}/reach/${reach.key}/data?lang=${language}`, { headers });
    const told = await (await data({ origin: 'https://shop.example' })).json();
    assert.equal(told.title, 'お問い合わせ');
    assert.deepEqual(
      told.ways.map((way) => [way.name, way.url]),
      [
        ['ウェブチャット', `${desk.url}/chat/${chat.key}`],
        ['電話', 'tel:+81300000000'],
      ],
    );
    assert.equal(told.hours.week.length, 7);
    assert.equal(told.ways[0].value, 'チャットを開く', 'not the name for colleagues');
    assert.equal((await data({ origin: 'https://evil.example' })).status, 403);
    assert.equal((await (await data({}, 'en')).json()).ways[1].name, 'Telephone');
    const page = await fetch(`${desk.url}/reach/${reach.key}`, { headers: { 'accept-language': 'ja' } });
    assert.match(await page.text(), /<title>お問い合わせ<\/title>/);
    // A way that is paused is none.
    await desk.owner.in('PATCH', `/accounts/${chat.account.id}`, { paused: true });
    assert.equal((await (await data()).json()).ways.length, 1);
    assert.equal((await come().write('Is it closed?')).body.code, 'paused');
    await desk.owner.in('PATCH', `/accounts/${chat.account.id}`, { paused: false });
    const bad = await desk.owner.send('PUT', `/api/v1/workspaces/${desk.owner.workspace}/reach`, {
      ways: [{ name_en: 'x', url: 'javascript:alert(1)' }],
    });
    assert.equal(bad.body.where, '/ways/0/url');
    await desk.owner.in('PUT', '/reach', { enabled: false });
    assert.equal((await data()).status, 404);
  });

  test('what was acknowledged survives kill -9, and what was not is sent again and stays one', async () => {
    const visitor = come();
    const acknowledged = [];
    const sending = (async () => {
      for (let i = 0; i < 8; i += 1) {
        const text = `Crash message ${i}`;
        const answer = await visitor.write(text, { id: `crash-${i}` }).catch(() => null);
        if (answer?.status === 202) acknowledged.push(text);
      }
    })();
    await until('some were taken', () => acknowledged.length >= 3, { every_ms: 1 });
    await desk.program.kill();
    await sending;
    await desk.program.start();
    visitor.url = desk.program.url;
    for (let i = 0; i < 8; i += 1) {
      const answer = await visitor.write(`Crash message ${i}`, { id: `crash-${i}` });
      assert.equal(answer.status, 202, JSON.stringify(answer.body));
    }
    const texts = (await visitor.all()).map((one) => one.text).sort();
    assert.deepEqual(
      texts,
      Array.from({ length: 8 }, (_, i) => `Crash message ${i}`),
    );
    agent.url = desk.program.url;
    const row = await agent.case_with('Crash message');
    await until('the desk has all of them, once', async () => {
      const posts = (await agent.timeline(row.id)).filter((item) => item.direction === 'in');
      return posts.length === 8 && new Set(posts.map((item) => item.text)).size === 8;
    });
  });
});

test('the script is below 15 kB as it travels, and sets nothing by itself', async () => {
  const script = readFileSync(new URL('../../console/dist/chat/widget.js', import.meta.url));
  assert.ok(gzipSync(script, { level: 9 }).length < 15_000);
  assert.equal(/document\.cookie|innerHTML|eval\(/.test(script.toString('utf8')), false);
});
