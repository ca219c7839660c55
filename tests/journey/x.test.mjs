// X from both sides: mentions by its stream, by polling and by webhook, messages, the filtered stream and its gaps;
// what goes out arrives once, whatever the network does; what X would refuse is told.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FakeX, specs_are_here } from '../networks/x/fake.mjs';
import { Desk } from '../support/desk.mjs';
import { sleep, until } from '../support/wait.mjs';

let x;
let desk;
let brand; // at X
let hanako;
let account;
before(async () => {
  x = await FakeX.start();
  x.refused_events.add('post.create'); // so that our own posts are only found by looking
  brand = x.person('MinatoDenki', 'ミナト電機');
  hanako = x.person('hanako', '花子');
  desk = await Desk.open({
    settings: {
      'x.api_url': x.url,
      'x.bearer_token': x.bearer,
      'x.poll_interval_ms': 200,
      'x.messages_interval_ms': 200,
    },
  });
});
after(async () => {
  await desk?.stop();
  await x?.stop();
});

const connect = (fields) => desk.owner.in('POST', '/accounts', { network: 'x', fields });
const account_now = async () =>
  (await desk.owner.in('GET', '/accounts')).items.find((one) => one.id === account.id);
const at_x = (text) => x.posts.filter((one) => one.text === text);

test('tokens that X does not know are refused at their field', async () => {
  x.pasted_tokens(brand);
  const refused = await connect({ ...x.pasted_tokens(brand), access_token_secret: 'wrong' }).catch((e) => e);
  assert.equal(refused.status, 400);
  assert.match(refused.problem.where, /access_token/);
});

test('pasted tokens connect the account, signed by OAuth 1.0a', async () => {
  account = await connect({ ...x.pasted_tokens(brand), budget_usd_per_day: '5' });
  assert.equal(account.handle, 'MinatoDenki');
  assert.equal(account.capabilities.text_unit, 'weighted');
  assert.ok(!JSON.stringify(account).includes('token-secret'), 'what is secret stays sealed');
  await until('the account works', async () => (await account_now()).status === 'ok');
});

test('what the contract leaves out is known, and a message may be long', async () => {
  assert.equal(account.capabilities.like, false);
  assert.equal(account.capabilities.like_closed, 'plan');
  assert.equal(account.capabilities.text_limit, 280);
  assert.equal(account.capabilities.private_text_limit, 10_000);
});

test('where X cannot call, its stream tells of a mention, without being asked', async () => {
  await until('the stream is there', async () => (await account_now()).status_detail === 'by_stream');
  const { hears } = await desk.owner.in('GET', `/accounts/${account.id}/connection`);
  assert.equal(hears, 'stream', 'its page says by which door');
  const asked = () => x.calls.filter((call) => call.endsWith('/mentions')).length;
  // What came before the connection is asked for once more.
  const before = await until('nothing is asked any more', async () => {
    const then = asked();
    await sleep(1_000);
    return asked() === then && { then };
  });
  const post = x.post(hanako, '@MinatoDenki 扇風機が首を振りません');
  const row = await desk.owner.case_with('扇風機が首を振りません');
  assert.equal(asked(), before.then);
  // The same event by another door is the same post.
  const url = `${desk.url}/hooks/${account.id}`;
  for (const type of ['post.mention.create', 'post.reply.create'])
    assert.equal((await x.deliver(url, x.mention_event(post, type))).status, 200);
  x.message(hanako, brand, '首を振らない件の続きです');
  await desk.owner.case_with('首を振らない件の続きです');
  const there = (await desk.owner.timeline(row.id)).filter((item) => item.external_id === `x:${post.id}`);
  assert.equal(there.length, 1);
  await assert.rejects(desk.owner.in('POST', `/posts/${there[0].id}/like`, { account_id: account.id }), {
    status: 422,
  });
});

test('what came while the stream was away is asked for', async () => {
  x.next(/^GET \/2\/activity\/stream$/, { status: 503 });
  x.cut();
  await until('the stream has ended', () => x.activity.size === 0);
  x.post(hanako, '@MinatoDenki リモコンが効きません');
  await desk.owner.case_with('リモコンが効きません');
});

test('an encrypted message is shown as waiting, and a deletion and an edit are followed', async () => {
  await until('the stream is there again', () => x.activity.size === 1);
  x.chat(hanako, brand);
  const waiting = await until('it waits', async () => {
    const { items } = await desk.owner.in('GET', '/cases?view=now&limit=50');
    for (const row of items) {
      const closed = (await desk.owner.timeline(row.id)).find((item) => item.reply_closed === 'encrypted');
      if (closed) return closed;
    }
  });
  assert.equal(waiting.url, 'https://x.com/messages');
  const post = x.post(hanako, '@MinatoDenki 書きまちがえました');
  const row = await desk.owner.case_with('書きまちがえました');
  const edited = x.edit(post, '@MinatoDenki 書き直しました');
  x.deliver(`${desk.url}/hooks/${account.id}`, x.mention_event(edited));
  const item = await until('the edit is there', async () => {
    const all = await desk.owner.timeline(row.id);
    return all.find((one) => one.type === 'post' && /書き直しました/.test(one.text));
  });
  assert.equal(item.external_id, `x:${post.id}`);
  await x.deliver(`${desk.url}/hooks/${account.id}`, {
    for_user_id: brand.id,
    tweet_delete_events: [{ status: { id: post.id, user_id: hanako.id }, timestamp_ms: String(Date.now()) }],
  });
  await until('the deletion is there', async () =>
    (await desk.owner.timeline(row.id)).some((one) => one.id === item.id && one.deleted_at),
  );
});

test('a mention comes in, and the answer stands below it', async () => {
  const post = x.post(hanako, '@MinatoDenki 電源が入りません');
  const row = await desk.owner.case_with('電源が入りません');
  assert.equal(row.name, '花子');
  const [item] = await desk.owner.timeline(row.id);
  assert.equal(item.external_id, `x:${post.id}`);
  assert.equal(item.url, `https://x.com/hanako/status/${post.id}`);
  const reply = await desk.owner.reply(row.id, 'ご不便をおかけしています。');
  await desk.owner.confirmed(row.id, reply.id);
  const [ours] = at_x('ご不便をおかけしています。');
  assert.equal(ours.author_id, brand.id);
  assert.equal(ours.in_reply_to_user_id, hanako.id);
});

test('an answer of somebody below our post is hidden, and shown again', async () => {
  const [ours] = at_x('ご不便をおかけしています。');
  const rude = x.post(hanako, '@MinatoDenki 広告リンクはこちら', { reply_to: ours.id });
  const row = await desk.owner.case_with('広告リンクはこちら');
  const item = (await desk.owner.timeline(row.id)).find((one) => one.external_id === `x:${rude.id}`);
  await desk.owner.in('POST', `/posts/${item.id}/hide`, { account_id: account.id });
  await until('it is hidden on X', () => x.hidden.has(rude.id));
  const shown = async () => (await desk.owner.timeline(row.id)).find((one) => one.id === item.id).hidden;
  await until('the desk says so', async () => /sent|confirmed/.test(await shown()));
  await desk.owner.in('POST', `/posts/${item.id}/unhide`, { account_id: account.id });
  await until('it is shown again', () => !x.hidden.has(rude.id));
});

test('an answer that X took without saying so is not sent twice', async () => {
  x.post(hanako, '@MinatoDenki 保証書をなくしました');
  const row = await desk.owner.case_with('保証書をなくしました');
  x.next(/^POST \/2\/tweets$/, 'lost');
  const reply = await desk.owner.reply(row.id, '保証書はなくても修理できます。');
  await desk.owner.confirmed(row.id, reply.id);
  assert.equal(at_x('保証書はなくても修理できます。').length, 1);
});

test('an answer that X never got is sent again, and a limit is waited for', async () => {
  x.post(hanako, '@MinatoDenki 音が大きいです');
  const row = await desk.owner.case_with('音が大きいです');
  const reset = Math.ceil(Date.now() / 1000) + 2;
  x.next(/^POST \/2\/tweets$/, 'drop');
  x.next(/^POST \/2\/tweets$/, { status: 429, headers: { 'x-rate-limit-reset': String(reset) } });
  const reply = await desk.owner.reply(row.id, '設置の高さをご確認ください。');
  await desk.owner.confirmed(row.id, reply.id);
  assert.equal(at_x('設置の高さをご確認ください。').length, 1);
});

test('a mention in the words of the next API is read as well', async () => {
  x.speak('post');
  x.post(hanako, '@MinatoDenki 型番はどこに書いてありますか');
  const row = await desk.owner.case_with('型番はどこに書いてありますか');
  assert.equal(row.name, '花子');
  x.speak('tweet');
});

test('a message comes in private and is answered in private', async () => {
  x.message(hanako, brand, '注文番号をこちらで送ります');
  const row = await desk.owner.case_with('注文番号をこちらで送ります');
  x.next(/^POST \/2\/dm_conversations/, 'lost');
  const text = 'ありがとうございます。確認します。'.repeat(20); // far more than a post may have
  const reply = await desk.owner.reply(row.id, text);
  await desk.owner.confirmed(row.id, reply.id);
  const sent = x.messages.filter((one) => one.text === text);
  assert.equal(sent.length, 1);
  assert.equal(sent[0].sender_id, brand.id);
  assert.equal(at_x(text).length, 0, 'nothing of it is public');
});

test('a topic programs the stream, and who did not summon us is not answered', async () => {
  await desk.owner.in('POST', '/topics', { name: 'brand', query: 'ミナト電機' });
  await until('the stream is there', () => x.streams.size === 1);
  assert.ok(x.rules.some((rule) => rule.value.includes('ミナト電機') && rule.tag === 'kikimimi'));
  x.post(hanako, 'ミナト電機の冷蔵庫が冷えない');
  const row = await desk.owner.case_with('冷蔵庫が冷えない');
  const answers = x.calls.filter((call) => call === 'POST /2/tweets').length;
  // A desk that knows it beforehand refuses at once and offers X's own page; else X refuses, and for good.
  const sent = await desk.owner.reply(row.id, 'お困りですか。').catch((error) => error);
  if (sent.id) {
    const failed = await until('the refusal is told', async () => {
      const reply = await desk.owner.reply_state(row.id, sent.id);
      return reply?.state === 'failed' && reply;
    });
    assert.equal(failed.error_code, 'not_summoned');
    assert.equal(
      x.calls.filter((call) => call === 'POST /2/tweets').length - answers,
      1,
      'it is not tried again',
    );
  } else {
    assert.ok(sent instanceof Error, 'refused before anything is sent');
  }
  assert.equal(at_x('お困りですか。').length, 0);
});

test('an answer written by hand on X is found among our own posts', async () => {
  const row = await desk.owner.case_with('冷蔵庫が冷えない');
  const detail = await desk.owner.in('GET', `/cases/${row.id}`);
  const way = detail.can_reply.find((one) => one.account_id === account.id);
  assert.equal(way.reply_closed, 'not_summoned');
  const { url, reply } = await desk.owner.in('POST', `/cases/${row.id}/compose-link`, {
    account_id: account.id,
    target_post_id: way.target_post_id,
    text: '庫内の設定をご確認ください。',
    language: 'ja',
    attachment_ids: [],
    request_id: crypto.randomUUID(),
  });
  const target = new URL(url).searchParams.get('in_reply_to');
  x.post(brand, '庫内の設定をご確認ください。', { reply_to: target });
  await desk.owner.confirmed(row.id, reply.id);
});

test('what was written while the stream was away is found by searching', async () => {
  x.next(/^GET \/2\/tweets\/search\/stream$/, { status: 503 });
  x.cut();
  await until('the filtered stream has ended', () => x.streams.size === 0);
  x.post(hanako, 'ミナト電機の掃除機が動かない');
  await desk.owner.case_with('掃除機が動かない');
});

test('X calls the desk: a challenge, a signed event once, a forged one never', async (t) => {
  const url = `${desk.url}/hooks/${account.id}`;
  // Without that route the console answers, as it does for every page.
  const { headers } = await fetch(`${url}?crc_token=a`);
  if (!/json/.test(headers.get('content-type'))) return t.skip('this program has no /hooks yet');
  assert.ok(await x.challenge(url));
  x.next(/(mentions|activity\/stream)$/, { status: 503 }, 1_000); // neither asking nor the stream brings anything now
  x.cut();
  const post = x.post(hanako, '@MinatoDenki 説明書はどこですか');
  const forged = await x.deliver(url, x.mention_event(post), { secret: 'guessed' });
  assert.ok([401, 403].includes(forged.status));
  for (const type of ['post.mention.create', 'post.reply.create', 'post.mention.create'])
    assert.equal((await x.deliver(url, x.mention_event(post, type))).status, 200);
  const row = await desk.owner.case_with('説明書はどこですか');
  const posts = (await desk.owner.timeline(row.id)).filter((item) => item.external_id === `x:${post.id}`);
  assert.equal(posts.length, 1);
});

test('neither side broke the description X gives of itself', (t) => {
  if (!specs_are_here) return t.skip('../shared/specs is absent');
  assert.deepEqual(x.violations, []);
});
