// The main job on LINE: what customers write is on the screen; what agents answer is on the customer's phone, once,
// by the free way while it is open; what is unsent goes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { validateSignature } from '@line/bot-sdk';
import { group_id, Line, missing, sign, user_id } from '../networks/line/line.mjs';
import { Desk } from '../support/desk.mjs';
import { free_port } from '../support/ports.mjs';
import { until } from '../support/wait.mjs';

const skip = missing;
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAYAAADED76LAAAAFUlEQVR42mNk+M9Qz4AHMI4qGFUAAGbEBAH4f8mNAAAAAElFTkSuQmCC',
  'base64',
);
let line;
let desk;
let account;
before(async () => {
  if (skip) return;
  line = await Line.start();
  const port = await free_port();
  const public_url = `http://127.0.0.1:${port}`;
  desk = await Desk.open({ port, settings: { ...line.settings, public_url } });
  account = await desk.owner.in('POST', '/accounts', { network: 'line', fields: line.fields });
  await until('LINE knows where to call', () => line.webhook.endpoint === `${desk.url}/hooks/${account.id}`);
});
after(async () => {
  await desk?.stop();
  await line?.stop();
});
const customer = (name) => {
  const id = user_id();
  line.profiles.set(id, { displayName: name, pictureUrl: 'https://profile.line-scdn.net/x', language: 'ja' });
  return id;
};
const post_of = async (case_id, event) =>
  (await desk.owner.timeline(case_id)).find(
    (item) => item.type === 'post' && item.external_id?.endsWith(`/${event.message.id}`),
  );

test('connecting says who it is, and which field is wrong', { skip }, async () => {
  assert.equal(account.handle, '@123abcde');
  assert.equal(account.name, 'The Brand');
  const wrong = await desk.owner.send('POST', `/api/v1/workspaces/${desk.owner.workspace}/accounts`, {
    network: 'line',
    fields: { ...line.fields, access_token: 'withdrawn' },
  });
  assert.equal(wrong.status, 400);
  assert.equal(wrong.body.code, 'wrong_token');
  const without = await desk.owner.send('POST', `/api/v1/workspaces/${desk.owner.workspace}/accounts`, {
    network: 'line',
    fields: { channel_secret: 'wrong', channel_id: line.channel_id },
  });
  assert.equal(without.body.code, 'wrong_channel');
});

test("the signature we check is the one LINE's own library makes", { skip }, async () => {
  const body = JSON.stringify({ destination: line.bot.userId, events: [], text: 'おはよう 🤨' });
  assert.ok(validateSignature(body, line.secret, sign(line.secret, body)));
  const from = customer('Nobody');
  assert.equal(await line.bring([line.text(from, 'forged')], { signature: sign('other', '{}') }), 401);
  line.undelivered.splice(0);
  assert.equal(await line.bring([]), 200, 'the console of LINE checks with no events');
});

test("a customer's words are on the desk, with their name", { skip }, async () => {
  const from = customer('山田 花子');
  const event = line.text(from, '注文した掃除機が動きません。助けてください');
  assert.equal(await line.bring([event]), 200);
  const row = await desk.owner.case_with('掃除機が動きません');
  await until('the name is there', async () => (await desk.owner.case_with('掃除機')).name === '山田 花子');
  const item = await post_of(row.id, event);
  assert.equal(item.text, '注文した掃除機が動きません。助けてください');

  // The same again, as LINE does when it did not hear us: nothing is there twice.
  await line.redeliver([event, event]);
  await line.bring([line.text(customer('Fence'), 'fence one')]);
  await desk.owner.case_with('fence one');
  assert.equal((await desk.owner.timeline(row.id)).filter((entry) => entry.type === 'post').length, 1);

  // The first answer is free, by the token of their message; the token is used up then, and the next is a push.
  const first = await desk.owner.reply(row.id, 'ご連絡ありがとうございます。');
  await desk.owner.confirmed(row.id, first.id);
  const second = await desk.owner.reply(row.id, '代わりの品をお送りします。');
  await desk.owner.confirmed(row.id, second.id);
  const chat = line.chats.get(from);
  assert.deepEqual(
    chat.map((entry) => [entry.way, entry.message.text]),
    [
      ['reply', 'ご連絡ありがとうございます。'],
      ['push', '代わりの品をお送りします。'],
    ],
  );
  assert.match(chat[1].key, /^[0-9a-f-]{36}$/);
});

test('one event that says nothing to us hides no other', { skip }, async () => {
  const from = customer('Mixed');
  const events = [
    { ...line.follow(from), type: 'somethingNew' },
    line.text(from, 'beside something new'),
    line.unsend(from, '1'),
  ];
  line.violations.splice(0);
  assert.equal(await line.bring(events), 200);
  assert.equal(line.violations.splice(0).length, 1, 'an event that the description does not know');
  await desk.owner.case_with('beside something new');
});

test('what is unsent is emptied, also when that comes first', { skip }, async () => {
  const from = customer('Sorry');
  const event = line.text(from, 'my password is hunter2');
  const early = line.text(from, 'never to be seen');
  await line.bring([event]);
  const row = await desk.owner.case_with('hunter2');
  await line.bring([line.unsend(from, event.message.id), line.unsend(from, early.message.id), early]);
  await until('it is empty', async () => {
    const item = await post_of(row.id, event);
    return item.text === '' && item.deleted_at;
  });
  await line.bring([line.text(customer('Fence'), 'fence two')]);
  await desk.owner.case_with('fence two');
  const all = JSON.stringify(await desk.owner.timeline(row.id));
  assert.ok(!all.includes('hunter2') && !all.includes('never to be seen'));
});

test('a push whose answer is lost is repeated under its key, and arrives once', { skip }, async () => {
  const from = customer('Lost');
  await line.redeliver([line.text(from, 'late words')]); // no token is left of what comes again
  const row = await desk.owner.case_with('late words');
  const { gaps } = await desk.owner.in('GET', `/accounts/${account.id}/connection`);
  assert.deepEqual(
    gaps.map((gap) => gap.posts),
    [1],
    'it came while LINE could not reach us, and the page says so; what we had already does not count',
  );
  line.fail('pushMessage', 'reset_after', 1);
  const reply = await desk.owner.reply(row.id, 'One answer.');
  await desk.owner.confirmed(row.id, reply.id);
  assert.deepEqual(line.texts(from), ['One answer.']);
  assert.ok(line.requests.some((request) => request.status === 409));

  line.fail('pushMessage', {
    status: 429,
    message: 'The API rate limit has been exceeded.',
    headers: { 'retry-after': '1' },
  });
  const limited = await desk.owner.reply(row.id, 'After the rush.');
  await desk.owner.confirmed(row.id, limited.id);
  line.fail('pushMessage', 500, 2);
  const troubled = await desk.owner.reply(row.id, 'After the trouble.');
  await desk.owner.confirmed(row.id, troubled.id);
  assert.deepEqual(line.texts(from), ['One answer.', 'After the rush.', 'After the trouble.']);
});

test('a free reply whose answer is lost stays in doubt: no push follows', { skip }, async () => {
  for (const [kind, arrives] of [
    ['reset_after', 1],
    [500, 0],
  ]) {
    const from = customer(`Doubt ${kind}`);
    await line.bring([line.text(from, `doubtful ${kind}`)]);
    const row = await desk.owner.case_with(`doubtful ${kind}`);
    const pushes = line.count('pushMessage');
    line.fail('replyMessage', kind);
    const reply = await desk.owner.reply(row.id, 'Perhaps.');
    const state = await until('it is visibly unclear', async () => {
      const seen = await desk.owner.reply_state(row.id, reply.id);
      return seen.state === 'unclear' && seen.error_code === 'reply_in_doubt' && seen;
    });
    assert.match(state.error, /cannot be asked/);
    // Also when a person asks for another look, and after a restart.
    await desk.owner.in('POST', `/replies/${reply.id}/retry`, {});
    if (kind === 500) await desk.program.restart();
    await until('it was looked at again', async () => {
      const seen = await desk.owner.reply_state(row.id, reply.id);
      return seen.state === 'unclear' && (seen.attempts ?? 2) > 1;
    });
    assert.equal(line.count('pushMessage'), pushes);
    assert.equal(line.texts(from).length, arrives);
  }
});

test('at the month’s limit pushes are refused with words, free replies still go', { skip }, async () => {
  const from = customer('Month');
  line.quota = { type: 'limited', value: line.used };
  const event = line.text(from, 'end of the month');
  await line.bring([event]);
  const row = await desk.owner.case_with('end of the month');
  const free = await desk.owner.reply(row.id, 'Free.');
  await desk.owner.confirmed(row.id, free.id);
  const paid = await desk.owner.reply(row.id, 'Paid.');
  const failed = await until('it is refused', async () => {
    const seen = await desk.owner.reply_state(row.id, paid.id);
    return seen.state === 'failed' && seen;
  });
  assert.equal(failed.error_code, 'monthly_limit');
  line.quota = { type: 'limited', value: line.used + 5_000 };
  // A larger plan: the same reply goes after all.
  await until('it is sent', async () => {
    const seen = await desk.owner.reply_state(row.id, paid.id);
    if (seen.state === 'failed') await desk.owner.in('POST', `/replies/${paid.id}/retry`, {});
    return seen.state === 'confirmed';
  });
  assert.deepEqual(line.texts(from), ['Free.', 'Paid.']);
});

test('a picture, a sticker and a place are shown; a group is one conversation', { skip }, async () => {
  const from = customer('Pictures');
  const group = group_id();
  line.members.set(group, [from, customer('Other')]);
  const at = { group, user: from };
  const events = [
    line.file(at, 'image', png, 'image/png'),
    line.message(at, {
      type: 'sticker',
      packageId: '1',
      stickerId: '2',
      stickerResourceType: 'STATIC',
      keywords: ['Sad'],
      quoteToken: 'q',
    }),
    line.message(at, { type: 'location', title: '店', address: '東京', latitude: 35.6, longitude: 139.7 }),
    line.text(at, 'look at this in the group'),
  ];
  await line.bring(events);
  const row = await desk.owner.case_with('look at this in the group');
  const posts = await until('all four are there', async () => {
    const items = (await desk.owner.timeline(row.id)).filter((item) => item.type === 'post');
    return items.length === 4 && items;
  });
  const kinds = posts.map((item) => item.attachments?.[0]?.kind).filter(Boolean);
  assert.deepEqual(kinds, ['image', 'sticker', 'location']);
  // LINE keeps files for a short time only: the desk fetches its own copy.
  const kept = await until('the picture is kept', async () => {
    const items = await desk.owner.timeline(row.id);
    const image = items.find((item) => item.attachments?.[0]?.kind === 'image').attachments[0];
    return image.state === 'kept' && image;
  });
  const copy = await desk.owner.send('GET', kept.file_url);
  assert.ok(copy.bytes.equals(png));
  assert.match(copy.type, /image\/png/);
  const reply = await desk.owner.reply(row.id, 'We see it.');
  await desk.owner.confirmed(row.id, reply.id);
  const [answer] = line.chats.get(group);
  assert.equal(answer.message.text, 'We see it.');
  assert.ok(answer.message.quoteToken, 'in a group an answer says what it answers');
});

test('the customer sees that somebody writes; a large picture needs its small version', {
  skip,
}, async () => {
  const from = customer('Typing');
  await line.bring([line.text(from, 'is somebody there?')]);
  const row = await desk.owner.case_with('is somebody there?');
  const tell = (state) => desk.owner.in('POST', `/cases/${row.id}/presence`, { state });
  await tell('looking');
  await tell('writing');
  await until('the dots', () => line.loading.includes(from));
  await tell('writing');
  await tell('looking');
  const [way] = (await desk.owner.in('GET', `/cases/${row.id}`)).can_reply;
  const upload = (bytes, query = '') =>
    desk.owner.send('POST', `/api/v1/workspaces/${desk.owner.workspace}/attachments?alt=${query}`, bytes, {
      raw: true,
    });
  const large = Buffer.concat([png, Buffer.alloc(1_200_000)]);
  const answer = (attachment_id) =>
    desk.owner.send('POST', `/api/v1/workspaces/${desk.owner.workspace}/cases/${row.id}/replies`, {
      account_id: way.account_id,
      target_post_id: way.target_post_id,
      request_id: crypto.randomUUID(),
      text: 'Like this.',
      attachment_ids: [attachment_id],
    });
  const bare = await upload(large);
  const refused = await answer(bare.body.id);
  assert.deepEqual([refused.status, refused.body.code], [400, 'image_needs_preview']);
  assert.equal((await upload(large, `&preview_id=${bare.body.id}`)).body.code, 'not_a_preview');
  assert.equal((await upload(large, '&preview_id=7')).body.where, 'preview_id');
  const small = await upload(png);
  const whole = await upload(large, `&preview_id=${small.body.id}`);
  assert.equal((await answer(whole.body.id)).status, 202);
  assert.equal(line.loading.filter((one) => one === from).length, 1, 'told once for a while');
});

test('the card says who follows us and who has blocked us', { skip }, async () => {
  const from = customer('Friend');
  // They follow first, and are somebody once they write.
  await line.bring([line.follow(from)]);
  const event = line.text(from, 'hello from a friend');
  await line.bring([event]);
  const row = await desk.owner.case_with('hello from a friend');
  const relation = async () => {
    const card = await desk.owner.in('GET', `/people/${row.person_id}`);
    return card.identities.find((one) => one.network === 'line').relation;
  };
  await until('a friend', async () => (await relation()) === 'following');
  await line.bring([line.unfollow(from)]);
  await until('no longer', async () => (await relation()) === 'blocked');
  await line.redeliver([line.follow(from)].map((old) => ({ ...old, timestamp: event.timestamp - 60_000 })));
  await line.bring([line.text(customer('Fence'), 'fence three')]);
  await desk.owner.case_with('fence three');
  assert.equal(await relation(), 'blocked', 'what happened before comes later, and changes nothing');
});

test('a private link leads from a public thread into the chat, as one case', { skip }, async () => {
  const shop = await desk.open_account();
  const { program } = shop;
  await program.post('/open/posts', {
    external_id: 'public-1',
    text: 'My kettle leaks and nobody answers',
    reason: 'mention',
    visibility: 'public',
    author: { id: 'p1', name: 'Public' },
  });
  const row = await desk.owner.case_with('My kettle leaks');
  await desk.owner.reply(row.id, 'Let us go on here: {{private_link}}');
  const sent = (await desk.owner.timeline(row.id)).findLast((item) => item.direction === 'out').text;
  const [url] = sent.match(/https?:\S+\/p\/[\w-]+/);
  const door = await fetch(url, { redirect: 'manual' });
  const place = new URL(door.headers.get('location'));
  assert.equal(place.origin + place.pathname, 'https://line.me/R/oaMessage/%40123abcde/');
  const words = decodeURIComponent(place.search.slice(1));
  await line.bring([line.text(customer('Private'), `${words}\n`)]);
  await until('the chat is in the case', async () =>
    (await desk.owner.timeline(row.id)).some(
      (item) => item.type === 'post' && item.incomplete === 'only_link' && item.text === '',
    ),
  );
});

test('a token that was withdrawn is an account that needs a person; connecting again mends it', {
  skip,
}, async () => {
  const old = line.access_token;
  line.access_token = 'another';
  await until('it needs somebody', async () => {
    const { items } = await desk.owner.in('GET', '/accounts');
    return items.find((one) => one.id === account.id)?.status === 'action_needed';
  });
  // What comes meanwhile is not lost.
  await line.bring([line.text(customer('Meanwhile'), 'written meanwhile')]);
  await desk.owner.case_with('written meanwhile');
  const again = await desk.owner.in('POST', `/accounts/${account.id}/reconnect`, { fields: line.fields });
  assert.equal(again.id, account.id);
  await until('it is well', async () => {
    const { items } = await desk.owner.in('GET', '/accounts');
    return items.find((one) => one.id === account.id)?.status !== 'action_needed';
  });
  assert.notEqual(old, line.access_token);
});

test('everything said by either side was as LINE describes it', { skip }, () => {
  assert.deepEqual(line.violations, []);
});
