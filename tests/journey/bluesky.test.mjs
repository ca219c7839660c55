// The main job on the real Bluesky network: what customers write is on the screen, what agents answer is on the
// network, whatever happens to the data server, the session or the post in between.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Bluesky } from '../support/bluesky.mjs';
import { Desk } from '../support/desk.mjs';
import { Postgres } from '../support/postgres.mjs';
import { sleep, until } from '../support/wait.mjs';

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAYAAADED76LAAAAFUlEQVR42mNk+M9Qz4AHMI4qGFUAAGbEBAH4f8mNAAAAAElFTkSuQmCC';
let network;
let names = 0;
before(async () => {
  network = await Bluesky.start();
});
after(() => network?.stop());

const person = (name) => network.act('create-account', { prefix: 'customer', name });

// A desk in this network with one connected brand.
async function brand_desk(settings = {}) {
  const brand = await network.act('create-account', { prefix: 'brand', name: 'The Brand' });
  const desk = await Desk.open({ settings: { ...network.settings, ...settings } });
  const account = await network.connect(desk.owner, brand);
  return { brand, desk, account };
}

async function mention(brand, words) {
  const customer = await person('Customer');
  names += 1;
  const text = `@${brand.handle} ${words} (${names})`;
  const post = await network.act('post', { handle: customer.handle, text });
  return { customer, text, ...post };
}

function core(settings) {
  let brand;
  let desk;
  before(async () => {
    ({ brand, desk } = await brand_desk(await settings()));
  });
  after(() => desk?.stop());

  test('a mention is on the live screen as an open case', async () => {
    const live = await desk.owner.live();
    const post = await mention(brand, 'アプリが起動しません。助けてください');
    const { data } = await live.change('the mention', (change) =>
      change.case?.preview.includes('起動しません'),
    );
    assert.equal(data.case.status, 'open');
    assert.equal(data.case.origin, 'addressed');
    assert.equal(data.case.handle, post.customer.handle);
    const item = await until('the post is in the timeline', async () =>
      (await desk.owner.timeline(data.case.id)).find(
        (entry) => entry.type === 'post' && entry.external_id === post.uri,
      ),
    );
    assert.equal(item.text, post.text);
    assert.equal(item.reason, 'mention');
    await live.close();
  });

  test('a reply stands on the network, seen through the AppView, and is confirmed', async () => {
    const post = await mention(brand, 'How do I log in? 🔑');
    const row = await desk.owner.case_with('How do I log in?');
    const text = 'ご不便をおかけしています。 https://example.com/help をご覧ください 👩‍💻';
    const reply = await desk.owner.reply(row.id, text);
    await desk.owner.confirmed(row.id, reply.id);
    await network.act('process-all');
    const seen = await until('the AppView shows it', async () =>
      (await network.replies(post.uri)).find((entry) => entry.post.record.text === text),
    );
    assert.equal(seen.post.author.did, brand.did);
    assert.equal(seen.post.record.reply.parent.uri, post.uri);
    assert.equal(seen.post.record.reply.root.uri, post.uri);
    // The link is a link: facets count UTF-8 bytes.
    const [facet] = seen.post.record.facets;
    const bytes = Buffer.from(text).subarray(facet.index.byteStart, facet.index.byteEnd);
    assert.equal(bytes.toString(), 'https://example.com/help');
    assert.equal(facet.features[0].uri, 'https://example.com/help');
    assert.equal((await network.replies(post.uri)).length, 1, 'it stands there once');
    assert.equal((await desk.owner.in('GET', `/cases/${row.id}`)).due_at, null);
  });

  test('a post without a tag is found on the firehose', async () => {
    await desk.owner.in('POST', '/topics', {
      name: 'Kettle',
      query: '((ヤカン号 NEAR/10 わかない) OR "kettle master") -中古',
    });
    const customer = await person('Grumbler');
    await until(
      'the public stream is read',
      async () => (await desk.owner.in('GET', '/stream')).status === 'ok',
    );
    const live = await desk.owner.live();
    await network.act('post', { handle: customer.handle, text: '新しいヤカン号、お湯が全然わかない' });
    const { data } = await live.change('the find', (change) => change.case?.preview.includes('お湯が全然'));
    assert.equal(data.case.status, 'found');
    assert.equal(data.case.origin, 'found');
    const [[start, end]] = data.case.preview_marks;
    assert.equal(data.case.preview.slice(start, end), 'ヤカン号');
    await network.act('post', { handle: customer.handle, text: '中古のヤカン号、わかないので売ります' }); // NOT
    await network.act('post', { handle: customer.handle, text: 'ヤカン号を棚に飾った' }); // not NEAR
    await network.act('post', { handle: customer.handle, text: 'The master of a kettle' }); // no phrase
    await network.act('post', { handle: customer.handle, text: 'The Kettle, Master: it is wonderful' });
    await live.change('the second find', (change) => change.case?.preview.includes('wonderful'));
    const rows = await desk.owner.all_cases();
    assert.ok(!rows.some((row) => /中古|棚に飾った|master of/.test(row.preview)));
    await live.close();
  });

  test('a deletion on the network empties the post', async () => {
    const post = await mention(brand, 'oops, private: 090-1111-2222');
    const row = await desk.owner.case_with('private: 090');
    await network.act('delete', { handle: post.customer.handle, uri: post.uri });
    const item = await until('the deletion is honoured', async () =>
      (await desk.owner.timeline(row.id)).find((entry) => entry.external_id === post.uri && entry.deleted_at),
    );
    assert.equal(item.text, '');
    assert.equal((await desk.owner.in('GET', '/search?q=1111-2222')).items.length, 0);
  });
}

describe('on SQLite', () => core(async () => ({})));
describe('on PostgreSQL', () => {
  let server;
  core(async () => {
    server = await Postgres.start();
    return { 'store.url': server.database('bluesky') };
  });
  after(() => server?.stop()); // hooks run in the order they are given: the desk has stopped by then
});

describe('the rest of the craft', () => {
  let brand;
  let desk;
  let account;
  before(async () => {
    ({ brand, desk, account } = await brand_desk());
  });
  after(() => desk?.stop());

  test('an answer to our answer joins the case and opens it again', async () => {
    const post = await mention(brand, 'Where is my parcel?');
    const row = await desk.owner.case_with('parcel');
    const reply = await desk.owner.reply(row.id, 'Let us look.');
    const { url } = await desk.owner.confirmed(row.id, reply.id);
    assert.match(url, /^https?:\/\//);
    await desk.owner.in('POST', `/cases/${row.id}/resolve`);
    const ours = (await network.act('records', { handle: brand.handle })).records.find(
      (record) => record.value.text === 'Let us look.',
    );
    await network.act('post', { handle: post.customer.handle, text: 'Any news of it?', reply_to: ours.uri });
    await until('the case is open again', async () => {
      const now = await desk.owner.in('GET', `/cases/${row.id}`);
      return now.status === 'open' && now.preview.includes('Any news');
    });
    const texts = (await desk.owner.timeline(row.id))
      .filter((item) => item.type === 'post')
      .map((item) => item.text);
    assert.deepEqual(
      texts.filter((text) => !/parcel/.test(text)),
      ['Let us look.', 'Any news of it?'],
    );
  });

  test('a quote is a case too', async () => {
    const ours = await network.act('post', { handle: brand.handle, text: 'Our new tap.' });
    const customer = await person('Quoter');
    await network.act('post', { handle: customer.handle, text: 'This one leaks already', quote: ours.uri });
    const row = await desk.owner.case_with('leaks already');
    const item = (await desk.owner.timeline(row.id)).find(
      (entry) => entry.type === 'post' && entry.direction === 'in',
    );
    assert.equal(item.reason, 'quote');
  });

  test('the thread before the mention is shown as context', async () => {
    const first = await person('First');
    const post = await network.act('post', { handle: first.handle, text: 'My lamp flickers all night.' });
    const second = await person('Second');
    await network.act('post', {
      handle: second.handle,
      text: `@${brand.handle} please help them`,
      reply_to: post.uri,
    });
    const row = await desk.owner.case_with('please help them');
    await until('the post above is there', async () =>
      (await desk.owner.timeline(row.id)).find(
        (item) => item.direction === 'context' && item.text.includes('lamp flickers'),
      ),
    );
  });

  test('like and take it back, repost', async () => {
    const post = await mention(brand, 'I love your bread');
    const row = await desk.owner.case_with('love your bread');
    const item = (await desk.owner.timeline(row.id)).find((entry) => entry.external_id === post.uri);
    await desk.owner.in('POST', `/posts/${item.id}/like`, { account_id: account.id });
    await until(
      'the like stands on the network',
      async () => {
        await network.act('process-all');
        return (await network.act('likes', { uri: post.uri })).likes.some(
          (like) => like.actor.did === brand.did,
        );
      },
      { every_ms: 300 },
    );
    await until(
      'the desk shows it',
      async () =>
        (await desk.owner.timeline(row.id)).find((entry) => entry.id === item.id).liked === 'confirmed',
    );
    await desk.owner.in('POST', `/posts/${item.id}/unlike`, { account_id: account.id });
    await desk.owner.in('POST', `/posts/${item.id}/repost`, { account_id: account.id });
    await until(
      'unliked and reposted',
      async () => {
        await network.act('process-all');
        return (
          (await network.act('likes', { uri: post.uri })).likes.length === 0 &&
          (await network.act('reposts', { uri: post.uri })).repostedBy.length === 1
        );
      },
      { every_ms: 300 },
    );
  });

  test('a picture goes out with its alt text', async () => {
    const post = await mention(brand, 'Which button is it?');
    const row = await desk.owner.case_with('Which button');
    const upload = await desk.owner.in(
      'POST',
      `/attachments?alt=${encodeURIComponent('赤いボタンの写真')}`,
      Buffer.from(png, 'base64'),
      { raw: true, headers: { 'content-type': 'image/png' } },
    );
    const reply = await desk.owner.reply(row.id, 'This one:', { attachment_ids: [upload.id] });
    await desk.owner.confirmed(row.id, reply.id);
    await network.act('process-all');
    const [seen] = await network.replies(post.uri);
    assert.equal(seen.post.record.embed.images[0].alt, '赤いボタンの写真');
  });

  test('a picture comes in with its alt text', async () => {
    const customer = await person('Photographer');
    await network.act('post', {
      handle: customer.handle,
      text: `@${brand.handle} look at this crack`,
      image_base64: png,
      alt: 'A crack',
    });
    const row = await desk.owner.case_with('look at this crack');
    const item = (await desk.owner.timeline(row.id)).find((entry) => entry.type === 'post');
    assert.equal(item.attachments[0].kind, 'image');
    assert.equal(item.attachments[0].alt, 'A crack');
  });

  test('an expired session is renewed, and nobody notices', async () => {
    await network.act('expire-sessions', { did: brand.did });
    await mention(brand, 'After the session');
    const row = await desk.owner.case_with('After the session');
    const reply = await desk.owner.reply(row.id, 'Still here.');
    await desk.owner.confirmed(row.id, reply.id);
    const now = (await desk.owner.in('GET', '/accounts')).items.find((entry) => entry.id === account.id);
    assert.equal(now.status, 'ok');
  });

  test('an answer lost on its way back is looked up, not sent twice', async () => {
    const post = await mention(brand, 'Do you hear me?');
    const row = await desk.owner.case_with('Do you hear me?');
    await network.act('fail', { nsid: 'com.atproto.repo.createRecord', did: brand.did, mode: 'after' });
    const reply = await desk.owner.reply(row.id, 'We do.');
    await desk.owner.confirmed(row.id, reply.id, { timeout_ms: 90_000 });
    await network.act('process-all');
    assert.equal((await network.replies(post.uri)).length, 1);
  });

  test('a rate limit is waited out', async () => {
    const post = await mention(brand, 'Busy?');
    const row = await desk.owner.case_with('Busy?');
    const reset = Math.ceil(Date.now() / 1000) + 3;
    await network.act('fail', {
      nsid: 'com.atproto.repo.createRecord',
      did: brand.did,
      status: 429,
      error: 'RateLimitExceeded',
      headers: {
        'ratelimit-limit': '10',
        'ratelimit-remaining': '0',
        'ratelimit-reset': String(reset),
        'ratelimit-policy': '10;w=300',
      },
    });
    const reply = await desk.owner.reply(row.id, 'Very.');
    await desk.owner.confirmed(row.id, reply.id, { timeout_ms: 60_000 });
    assert.ok(Date.now() / 1000 >= reset - 1, 'not before the limit is over');
    await network.act('process-all');
    assert.equal((await network.replies(post.uri)).length, 1);
  });

  test('while the data server is away nothing is lost: replies leave and mentions arrive afterwards', async () => {
    const post = await mention(brand, 'Before the night');
    const row = await desk.owner.case_with('Before the night');
    await network.act('stop-pds');
    const reply = await desk.owner.reply(row.id, 'Good morning.');
    await until(
      'the desk says that the network is away',
      async () =>
        (await desk.owner.in('GET', '/accounts')).items.find((entry) => entry.id === account.id).status ===
        'waiting',
    );
    assert.ok(!['confirmed', 'failed'].includes((await desk.owner.reply_state(row.id, reply.id)).state));
    await sleep(500); // the night
    await network.act('start-pds');
    const later = await mention(brand, 'After the night');
    await desk.owner.case_with('After the night', { timeout_ms: 90_000 });
    await desk.owner.confirmed(row.id, reply.id, { timeout_ms: 90_000 });
    await network.act('process-all');
    assert.equal((await network.replies(post.uri)).length, 1);
    assert.ok(later.uri);
    await until(
      'all is well',
      async () =>
        (await desk.owner.in('GET', '/accounts')).items.find((entry) => entry.id === account.id).status ===
        'ok',
    );
  });

  test('what was posted while the desk was down is there after its start', async () => {
    await desk.program.stop();
    await mention(brand, 'Anybody there?');
    const customer = await person('Whisperer');
    await desk.program.start();
    await desk.owner.case_with('Anybody there?');
    assert.ok(customer.did);
  });

  test('a revoked app password asks for a person, and a new one brings it back', async () => {
    const other = await network.act('create-account', { prefix: 'revoked' });
    const connected = await network.connect(desk.owner, other);
    await network.act('revoke-app-password', { handle: other.handle, did: other.did });
    const status = async () =>
      (await desk.owner.in('GET', '/accounts')).items.find((entry) => entry.id === connected.id);
    const now = await until(
      'somebody must act',
      async () => {
        const entry = await status();
        return entry.status === 'action_needed' && entry;
      },
      { timeout_ms: 60_000 },
    );
    assert.ok(now.status_detail);
  });

  test('a wrong app password is told at once', async () => {
    const answer = await desk.owner.send('POST', `/api/v1/workspaces/${desk.owner.workspace}/accounts`, {
      network: 'bluesky',
      fields: { handle: brand.handle, app_password: 'aaaa-bbbb-cccc-dddd' },
    });
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
  });

  test('two brands in two workspaces hear only their own', async () => {
    const tea = await desk.workspace('Tea');
    const second = await network.act('create-account', { prefix: 'tea' });
    await network.connect(tea, second);
    await mention(second, 'a tea question');
    await mention(brand, 'a bread question');
    await tea.case_with('a tea question');
    await desk.owner.case_with('a bread question');
    assert.ok(!(await tea.all_cases()).some((row) => row.preview.includes('bread')));
    assert.ok(!(await desk.owner.all_cases()).some((row) => row.preview.includes('tea question')));
    // One customer of both is two people, one at each desk.
    const both = await person('Both');
    await network.act('post', {
      handle: both.handle,
      text: `@${second.handle} @${brand.handle} hello you two`,
    });
    const here = await desk.owner.case_with('hello you two');
    const there = await tea.case_with('hello you two');
    assert.notEqual(here.person_id, there.person_id);
  });

  test('an edited post shows its new text, within a second while a topic listens', async () => {
    await desk.owner.in('POST', '/topics', { name: 'Prices', query: 'yen' });
    await until(
      'the public stream is read',
      async () => (await desk.owner.in('GET', '/stream')).status === 'ok',
    );
    const post = await mention(brand, 'It costs 100 yen');
    const row = await desk.owner.case_with('100 yen');
    await network.act('edit', {
      handle: post.customer.handle,
      uri: post.uri,
      text: `@${brand.handle} It costs 1000 yen`,
    });
    await until('the edit is honoured', async () =>
      (await desk.owner.timeline(row.id)).find(
        (item) => item.external_id === post.uri && item.text.includes('1000 yen') && item.edited_at,
      ),
    );
  });

  test('our own reply can be deleted on the network too', async () => {
    const post = await mention(brand, 'Take it back');
    const row = await desk.owner.case_with('Take it back');
    const reply = await desk.owner.reply(row.id, 'A blunder.');
    await desk.owner.confirmed(row.id, reply.id);
    const item = (await desk.owner.timeline(row.id)).find((entry) => entry.reply?.id === reply.id);
    await desk.owner.in('DELETE', `/posts/${item.id}`);
    await until(
      'it is gone',
      async () => {
        await network.act('process-all');
        return (await network.replies(post.uri)).length === 0;
      },
      { every_ms: 300 },
    );
  });
});
