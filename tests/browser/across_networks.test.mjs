// One complaint over two networks, in the browser: found on X though it names nobody, answered there by hand on X's own
// page, taken to a private place by the link of that answer, solved and closed there. One case, one timeline, one card.
// On a desktop by keyboard, to the web chat; on a phone, to LINE.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Line, missing, user_id } from '../networks/line/line.mjs';
import { FakeX, specs_are_here } from '../networks/x/fake.mjs';
import { accessible, Browser, no_faults, no_sideways, picture, words } from '../support/browser.mjs';
import { Desk } from '../support/desk.mjs';
import { free_port } from '../support/ports.mjs';
import { connect_chat } from '../support/visitor.mjs';
import { until } from '../support/wait.mjs';

let x;
let line;
let desk;
let lead;
let agent;
let browser;
let brand; // at X
const accounts = {};
before(async () => {
  x = await FakeX.start();
  x.speak('post'); // only its next description names all events we ask for
  brand = x.person('KomorebiHome', 'こもれび家電');
  line = missing ? null : await Line.start();
  const port = await free_port();
  desk = await Desk.open({
    port,
    settings: {
      public_url: `http://127.0.0.1:${port}`,
      'x.api_url': x.url,
      'x.bearer_token': x.bearer,
      'x.poll_interval_ms': 200,
      'x.messages_interval_ms': 200,
      ...line?.settings,
    },
  });
  lead = await desk.person('lead');
  agent = await desk.person('agent');
  const connect = (network, fields) => desk.owner.in('POST', '/accounts', { network, fields });
  accounts.x = await connect('x', x.pasted_tokens(brand));
  accounts.chat = (await connect_chat(desk)).account;
  if (line) {
    accounts.line = await connect('line', { ...line.fields, link_text: 'Xの件で相談します' });
    await until('LINE knows where to call', () => line.webhook.endpoint !== '');
  }
  await until('X tells of our own posts', () =>
    x.subscriptions.some((one) => one.event_type === 'post.create'),
  );
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await desk?.stop();
  await line?.stop();
  await x?.stop();
});

// A page of the desk that cannot reach the internet: what it would open there stands in `page.outside`.
async function desk_page(client, path, options) {
  const page = await browser.page({ client, url: 'about:blank', ...options });
  page.outside = [];
  await page.context().route(
    ({ hostname }) => hostname !== '127.0.0.1',
    (route) => {
      if (!route.request().isNavigationRequest()) return route.abort();
      page.outside.push(route.request().url());
      return route.fulfill({ contentType: 'text/html', body: '<title>X</title><p>A page of X</p>' });
    },
  );
  await page.goto(`${desk.url}/w/${client.workspace}${path}`);
  return page;
}
async function close(...pages) {
  for (const page of pages) {
    no_faults(page);
    await page.context().close();
  }
}

// The customer's browser on the desk's own page for brands without one.
async function in_the_chat(url, { t, language, width }) {
  const page = await browser.page({ language, width, url });
  const log = page.getByRole('log', { name: t('network.chat.word.log') });
  return {
    async write(text) {
      const field = page.getByRole('textbox', { name: t('network.chat.word.message'), exact: true });
      await field.fill(text);
      await field.press('Enter');
      await log.getByText(text, { exact: true }).waitFor();
    },
    reads: (text) => log.getByText(text, { exact: true }).waitFor(),
    async leave() {
      await picture(page, `across-customer-${language}-${width}`);
      await close(page);
    },
  };
}
// The customer's telephone: the link opens LINE with its words written already, and the customer sends them.
async function on_line(url, { name }) {
  const from = user_id();
  line.profiles.set(from, { displayName: name, language: 'ja' });
  const door = await fetch(url, { redirect: 'manual' });
  const place = new URL(door.headers.get('location'));
  assert.equal(place.origin + place.pathname, 'https://line.me/R/oaMessage/%40123abcde/');
  const write = async (text) => assert.equal(await line.bring([line.text(from, text)]), 200);
  await write(decodeURIComponent(place.search.slice(1)));
  return {
    write,
    reads: (text) => until(`"${text}" is on the telephone`, () => line.texts(from).includes(text)),
    leave: () => assert.equal(line.texts(from).length, 1, 'one answer, once'),
  };
}

// As X stores what somebody sends from its page: links are wrapped.
function sent_by_hand(target, text, url) {
  const wrapped = 'https://t.co/Abc123xyz0';
  const post = x.post(brand, text.replace(url, wrapped), { reply_to: target.id });
  const start = [...post.text.slice(0, post.text.indexOf(wrapped))].length;
  post.entities = {
    urls: [
      { start, end: start + wrapped.length, url: wrapped, expanded_url: url, display_url: url.slice(8, 34) },
    ],
  };
  return post;
}

const stories = [
  {
    language: 'en',
    width: 1440,
    place: 'chat',
    visit: in_the_chat,
    seen: 'reply.receipt.read',
    topic: 'KettleOne',
    name: 'Emma Clarke',
    handle: 'emma_c',
    complaint: 'My KettleOne leaks all over the kitchen. Three weeks old. So disappointed.',
    answer: 'That must not happen, we are sorry. Please tell us your address here, we send you a new one:',
    here: 'It is me, the one with the leaking kettle. 12 Mill Lane, Leeds.',
    solved: 'Thank you, Emma. The new one leaves today and is with you on Friday.',
    thanks: 'Wonderful, thank you so much!',
  },
  {
    language: 'ja',
    width: 390,
    place: 'line',
    visit: on_line,
    seen: 'reply.confirmed',
    skip: missing,
    topic: 'こもれび炊飯器',
    name: '花子',
    handle: 'hanako_k',
    complaint: 'こもれび炊飯器、買って三週間でふたが閉まらなくなった。がっかり。',
    answer:
      'ご不便をおかけして申し訳ありません。代わりの品をお送りしますので、こちらで詳しくお聞かせください。',
    came: 'Xの件で相談します',
    here: 'ふたの閉まらない炊飯器の者です。住所は港区1-2-3です。',
    solved: '本日、代わりの品を発送いたします。金曜日にお届けの予定です。',
    thanks: '助かりました。ありがとうございます！',
  },
];

for (const story of stories) {
  const { language, width, place, skip = false } = story;
  const t = words(language);
  const wide = width > 600;
  const at_place = { network: t(`network.${place}.name`) };
  const at_x = { network: t('network.x.name') };

  test(`from a complaint on X to ${place}, solved and closed, ${language}, ${width} px`, {
    skip,
  }, async () => {
    // A lead says what to listen to, and where private links lead.
    await desk.owner.in('PATCH', '/reply-rules', { playbook: { private_account_id: accounts[place].id } });
    const builder = await desk_page(lead, '/topics/new', { language, width });
    await builder.getByLabel(t('field.topic_name')).fill(story.topic);
    await builder.getByLabel(t('topic.query'), { exact: true }).fill(story.topic);
    await builder.keyboard.press('Control+Enter');
    await builder.getByRole('article').getByText(story.topic).first().waitFor();
    await close(builder);
    await until(
      'X knows what to bring',
      () => x.streams.size === 1 && x.rules.some((rule) => rule.value.includes(story.topic)),
    );

    // The agent waits for what is found; a customer complains, and names nobody.
    const page = await desk_page(agent, '/found', { language, width });
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    const customer = x.person(story.handle, story.name);
    const complaint = x.post(customer, story.complaint);
    const row = page.getByRole('option').filter({ hasText: story.complaint.slice(0, 12) });
    await row.waitFor();
    await picture(page, `across-found-${language}-${width}`);
    const press = (key, name) =>
      wide ? page.keyboard.press(key) : page.getByRole('button', { name, exact: true }).click();
    if (wide) {
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
    } else {
      await row.click();
    }
    await page.waitForURL(/\/case\/\d+$/);
    const id = page.url().split('/').at(-1);
    const detail = () => agent.in('GET', `/cases/${id}`);
    const posts = async () => (await agent.timeline(id)).filter((item) => item.type === 'post');
    const bubble = (text) => page.getByRole('article').filter({ hasText: text });
    await bubble(story.complaint).waitFor();
    await press('o', t('action.respond'));
    await until('somebody responds', async () => (await detail()).status === 'open');

    // X takes no answer from a program here: the text goes along to X's own page.
    const field = page.getByLabel(t('composer.reply.label'), { exact: true });
    await page.getByText(t('reply_closed.not_summoned', at_x)).waitFor();
    if (wide) await page.keyboard.press('r');
    else await field.focus();
    await page.keyboard.insertText(story.answer);
    await page.getByRole('button', { name: t('private.insert') }).click();
    await until('the link is in the text', async () =>
      (await field.inputValue()).endsWith(' {{private_link}}'),
    );
    await picture(page, `across-by-hand-${language}-${width}`);
    const [tab] = await Promise.all([
      page.waitForEvent('popup'),
      press('Control+Enter', t('elsewhere.open', at_x)),
    ]);
    await tab.waitForURL(/^https:\/\/x\.com\//);
    const intent = new URL(tab.url());
    await tab.close();
    assert.equal(intent.pathname, '/intent/post');
    assert.equal(intent.searchParams.get('in_reply_to'), complaint.id);
    const text = intent.searchParams.get('text');
    const [url] = text.match(/https?:\S+\/p\/[\w-]+$/);
    assert.equal(text, `${story.answer} ${url}`);
    assert.equal(new URL(url).origin, desk.url);
    const done = page.getByRole('button', { name: t('elsewhere.done'), exact: true });
    await done.waitFor();
    assert.equal(await field.inputValue(), '', 'the text went along');
    await picture(page, `across-opened-${language}-${width}`);
    await done.click();
    await page.getByText(t('reply.done_there', at_x)).waitFor();
    assert.equal((await detail()).status, 'waiting');
    assert.equal(x.calls.filter((call) => call === 'POST /2/tweets').length, 0, 'no program wrote there');

    // X tells of our post, more than once: it is this answer, and no other.
    const ours = sent_by_hand(complaint, text, url);
    for (let time = 0; time < 2; time += 1) {
      const told = await x.deliver(
        `${desk.url}/hooks/${accounts.x.id}`,
        x.mention_event(ours, 'post.create'),
      );
      assert.equal(told.status, 200);
    }
    await page.getByText(t('reply.confirmed', at_x)).waitFor();
    const [, answer, ...more] = await posts();
    assert.deepEqual(more, [], 'one answer');
    assert.equal(answer.external_id, `x:${ours.id}`);
    assert.equal(answer.author.user_id, agent.me.id);
    assert.equal(answer.text, text, 'with the address, not what X made of it');

    // The customer comes by the link, and the agent goes on with the same case.
    const there = await story.visit(url, { t, ...story });
    await there.write(story.here);
    await bubble(story.here).waitFor();
    await page.getByText(t('fact.private.came')).waitFor();
    await page.getByText(t('composer.readers.private', { name: story.name })).waitFor();
    if (wide) await page.keyboard.press('r');
    else await field.focus();
    await page.keyboard.insertText(story.solved);
    await press('Control+Enter', new RegExp(`^${t('action.reply')}`));
    await there.reads(story.solved);
    await bubble(story.solved).getByText(t(story.seen, at_place)).waitFor();
    await there.write(story.thanks);
    await bubble(story.thanks).waitFor();
    await picture(page, `across-private-${language}-${width}`);
    if (wide) await page.keyboard.press('Escape');
    await press('e', t('action.resolve'));
    await until('it is closed', async () => (await detail()).status === 'resolved');
    await there.leave();

    // One case of one person, who is known on both networks.
    const mine = (await agent.all_cases()).filter((one) => one.name === story.name);
    assert.deepEqual(
      mine.map((one) => one.id),
      [id],
    );
    const ended = await detail();
    assert.deepEqual(
      ended.conversations.map((one) => [one.network, one.visibility]),
      [
        ['x', 'public'],
        [place, 'private'],
      ],
    );
    assert.deepEqual(ended.person.identities.map((one) => one.network).sort(), [place, 'x'].sort());
    await until(
      'both have a name on the card',
      async () => (await detail()).person.identities.every((one) => one.name !== ''),
      { timeout_ms: 15_000 },
    );
    assert.deepEqual(ended.elsewhere, []);
    const told = [
      ['x', 'in', story.complaint],
      ['x', 'out', text],
      ...(story.came ? [[place, 'in', story.came]] : []),
      [place, 'in', story.here],
      [place, 'out', story.solved],
      [place, 'in', story.thanks],
    ];
    assert.deepEqual(
      (await posts()).map((item) => [item.network, item.direction, item.text]),
      told,
    );

    // And on the screen: one story in its order, each stretch labelled with its place.
    await page.goto(`${desk.url}/w/${agent.workspace}/resolved/case/${id}`);
    const log = page.getByRole('log', { name: t('timeline.label') });
    await log.getByText(story.thanks).waitFor();
    const shown = await log.innerText();
    let at = -1;
    for (const part of [
      t('timeline.public', at_x),
      story.complaint,
      t('fact.status.open', { name: t('fact.person', { name: agent.me.name }) }),
      story.answer,
      t('reply.confirmed', at_x),
      t('fact.private.came'), // before what they came with
      t('timeline.private', at_place),
      story.here,
      story.solved,
      t(story.seen, at_place),
      story.thanks,
      t('fact.status.resolved', { name: t('fact.person', { name: agent.me.name }) }),
    ]) {
      const found = shown.indexOf(part, at + 1);
      assert.ok(found > at, `"${part}" stands in its place of:\n${shown}`);
      at = found;
    }
    await accessible(page, 'the closed case');
    await no_sideways(page, 'the closed case');
    await picture(page, `across-closed-${language}-${width}`);
    const card = page.getByRole('complementary', { name: t('person.label') });
    if (!(await card.isVisible())) await page.getByRole('button', { name: t('command.person') }).click();
    await card.getByText(`@${story.handle}`).first().waitFor();
    const listed = await card.getByRole('list').first().innerText();
    for (const { network } of [at_x, at_place]) assert.ok(listed.includes(network), listed);
    await picture(page, `across-card-${language}-${width}`);
    await no_sideways(page, 'the card');
    assert.ok(page.outside.every((one) => one.startsWith('https://x.com/intent/post?')));
    await close(page);
  });
}

test('neither side broke the descriptions X and LINE give of themselves', (t) => {
  if (!specs_are_here && !line) return t.skip('../shared/specs is absent');
  assert.deepEqual(x.violations, []);
  assert.deepEqual(line?.violations ?? [], []);
});
