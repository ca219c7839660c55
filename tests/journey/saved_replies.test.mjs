// Saved replies from the library to the customer: filled for the case, found by what the post is about, never sent half
// filled or without the word they ask for; assets changed once; thanks in one key; out and in as a document.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk, open_post } from '../support/desk.mjs';
import { each_store } from '../support/stores.mjs';
import { until } from '../support/wait.mjs';

each_store((settings) => {
  let desk;
  let shop;
  let agent;
  let lead;
  before(async () => {
    desk = await Desk.open({ settings: await settings() });
    shop = await desk.open_account();
    agent = await desk.person('agent');
    lead = await desk.person('lead');
  });
  after(() => desk?.stop());

  const send = (who, method, path, body) =>
    who.send(method, `/api/v1/workspaces/${who.workspace}${path}`, body);
  async function new_case(word, text, extra = {}) {
    await shop.program.post(
      '/open/posts',
      open_post(word, { text, reason: 'mention', visibility: 'public', ...extra }),
    );
    const row = await agent.case_with(text);
    const way = (await agent.in('GET', `/cases/${row.id}`)).can_reply[0];
    return { row, way, query: `target_post_id=${way.target_post_id}&account_id=${way.account_id}` };
  }
  const answer = ({ row, way }, body) =>
    send(agent, 'POST', `/cases/${row.id}/replies`, {
      account_id: way.account_id,
      target_post_id: way.target_post_id,
      request_id: crypto.randomUUID(),
      ...body,
    });
  const offered = async ({ row, query }, q = '') =>
    (await agent.in('GET', `/cases/${row.id}/saved-replies?${query}&q=${encodeURIComponent(q)}`)).items;
  const add = (body) => lead.in('POST', '/saved-replies', body);
  const words = (text, language = '') => [{ language, text }];

  test('filled for the case, in the language of the post, and the asset behind it changed once', async () => {
    const asset = await lead.in('POST', '/reply-assets', {
      key: 'Return-Form',
      kind: 'link',
      variants: words('https://example.com/old'),
    });
    const saved = await add({
      folder: 'Returns',
      name: 'How to return',
      code: 'return',
      variants: [
        ...words('{{customer.name|お客様}}様 返品のご案内です {{asset:return-form}} {{brand.name}}', 'ja'),
        ...words(
          'Dear {{customer.name|customer}}, return it with {{asset:return-form}}. #{{case.number}} {{agent.name}}',
          'en',
        ),
      ],
    });
    const english = await new_case('return-en', 'How can I return the lamp I bought from you last week?');
    const japanese = await new_case(
      'return-ja',
      '先週買ったランプを返品したいのですが、どうすればいいですか？',
      {
        author: { id: 'sato', name: '佐藤' },
      },
    );
    const nameless = await new_case('return-no', '返品の方法を教えてください。お願いします', {
      author: { id: 'nobody' },
    });
    const [in_english] = await offered(english, 'return');
    assert.equal(
      in_english.text,
      `Dear Person return-en, return it with https://example.com/old. #${english.row.number} ${agent.me.name}`,
    );
    assert.equal(
      (await offered(japanese, 'return'))[0].text,
      '佐藤様 返品のご案内です https://example.com/old Brand',
    );
    assert.match((await offered(nameless, 'return'))[0].text, /^お客様様/);
    await lead.in('PATCH', `/reply-assets/${asset.id}`, { variants: words('https://example.com/new') });
    assert.match((await offered(english, 'return'))[0].text, /example\.com\/new/);

    assert.equal((await send(lead, 'DELETE', `/reply-assets/${asset.id}`)).body.code, 'in_use');
    const moved = await send(lead, 'PATCH', `/reply-assets/${asset.id}`, { key: 'other' });
    assert.equal(moved.body.code, 'in_use');
    const wrong = await send(lead, 'POST', '/saved-replies', {
      name: 'x',
      variants: words('{{asset:gone}}'),
    });
    assert.equal(wrong.body.code, 'no_asset');
    const code = await send(lead, 'POST', '/saved-replies', {
      name: 'x',
      code: 'RETURN',
      variants: words('x'),
    });
    assert.equal(code.body.code, 'code_taken');
    const old = await send(lead, 'PATCH', `/saved-replies/${saved.id}`, { name: 'y', version: 99 });
    assert.equal(old.body.code, 'version');
    assert.equal(
      (await send(agent, 'POST', '/saved-replies', { name: 'x', variants: words('x') })).status,
      403,
    );
  });

  test('found by what the post is about, and it learns from use', async () => {
    await add({ name: 'Late parcel', variants: words('Your parcel is late and we are sorry.', 'en') });
    await add({ name: 'Opening hours', variants: words('We are open from nine to six.', 'en') });
    const one = await new_case('late-1', 'The parcel I ordered is late again');
    const kit = await agent.in('GET', `/cases/${one.row.id}/reply-kit?${one.query}`);
    assert.equal(kit.candidates[0].name, 'Late parcel');
    assert.equal(kit.candidates[0].source, 'saved');
    assert.equal(
      kit.candidates.some((candidate) => candidate.name === 'Opening hours'),
      false,
    );
    // Other words for the hours: unknown until somebody answered such a post with it.
    const about = 'Until when can somebody visit your shop on Sundays';
    const first = await new_case('hours-1', `${about}, please?`);
    const hours = (await offered(first)).find((offer) => offer.name === 'Opening hours');
    const sent = await answer(first, {
      text: `${hours.text} Sundays too.`,
      saved_reply_id: hours.saved_reply_id,
    });
    assert.equal(sent.status, 202);
    const second = await new_case('hours-2', `${about}? Thanks`);
    const [best] = await offered(second);
    assert.equal(best.name, 'Opening hours');
    assert.ok(best.percent > hours.percent);
  });

  test('uses are counted, edited ones apart, and what became of them', async () => {
    const saved = await add({
      name: 'Fuse',
      code: 'fuse',
      variants: words('Please change the fuse, {{agent.name}}.'),
    });
    const mine = async () =>
      (await lead.in('GET', '/saved-replies')).items.find((item) => item.id === saved.id);
    const result = async () =>
      (await lead.in('GET', '/saved-replies/results')).items.find((item) => item.saved_reply_id === saved.id);
    const one = await new_case('fuse-1', 'My toaster has no power at all');
    const two = await new_case('fuse-2', 'The kettle stays dark since Monday');
    const [offer] = await offered(one, 'fuse');
    await answer(one, { text: offer.text, saved_reply_id: saved.id });
    await answer(two, { text: `${offer.text} The kettle has one below.`, saved_reply_id: saved.id });
    assert.deepEqual([(await mine()).uses, (await mine()).edited_uses], [2, 1]);
    await agent.in('POST', `/cases/${one.row.id}/resolve`, {});
    await agent.in('POST', `/cases/${two.row.id}/resolve`, {});
    const { kinds, latest, ...counts } = await result();
    assert.deepEqual(counts, { saved_reply_id: saved.id, uses: 2, edited: 1, settled: 2, reopened: 0 });
    assert.deepEqual(
      latest.map((used) => used.number),
      [two.row.number, one.row.number],
      'what it was used for',
    );
    assert.equal(
      kinds.reduce((sum, kind) => sum + kind.count, 0),
      2,
    );
    await shop.program.post(
      '/open/posts',
      open_post('fuse-2b', {
        text: 'The fuse is fine but it stays dark',
        thread_id: 'thread-fuse-2',
        author: { id: 'person-fuse-2' },
      }),
    );
    await agent.case_with('The fuse is fine');
    const { settled, reopened } = await result();
    assert.deepEqual({ settled, reopened }, { settled: 1, reopened: 1 });
  });

  test('nothing goes out with an open variable, or without the word that was asked for', async () => {
    const one = await new_case('word', 'The hinge of my wardrobe squeaks terribly');
    const open = await answer(one, { text: 'Dear {{customer.name}}, about the hinge: oil it.' });
    assert.equal(open.body.code, 'blocked');
    assert.deepEqual(
      open.body.findings.filter((finding) => finding.severity === 'blocked').map((finding) => finding.check),
      ['unfilled'],
    );
    const text =
      'Thank you for your message. Our workshop will look at everything carefully and write again.';
    await add({ name: 'Workshop', needs_word: true, variants: words(text) });
    const bare = await answer(one, { text });
    assert.deepEqual(
      bare.body.findings.filter((finding) => finding.severity === 'blocked').map((finding) => finding.check),
      ['no_own_word'],
    );
    // Also not by saying that it comes from nowhere, and not with other punctuation.
    assert.equal((await answer(one, { text: `${text.replaceAll('.', '!')} :)` })).body.code, 'blocked');
    const asked = await send(agent, 'POST', `/cases/${one.row.id}/approvals`, {
      account_id: one.way.account_id,
      target_post_id: one.way.target_post_id,
      request_id: 'around',
      text,
    });
    assert.equal(asked.body.code, 'blocked', 'a second person cannot allow it either');
    assert.equal((await answer(one, { text: `${text} A squeaking hinge is a nuisance!` })).status, 202);
  });

  test('thanks in one key, once a post', async () => {
    const one = await new_case('praise', 'I love my new lamp so much, wonderful work');
    const thank = (request_id) =>
      send(agent, 'POST', `/posts/${one.way.target_post_id}/thank`, {
        account_id: one.way.account_id,
        request_id,
      });
    assert.equal((await thank('t0')).body.code, 'no_thanks');
    await add({
      name: 'Thanks',
      is_thanks: true,
      variants: [...words('Thank you, {{customer.name}}!', 'en'), ...words('ありがとうございます！', 'ja')],
    });
    const [first, again] = await Promise.all([thank('t1'), thank('t1')]);
    assert.equal(first.status, 202);
    assert.equal(first.body.id, again.body.id);
    assert.equal((await thank('t2')).body.code, 'answered');
    const sent = (await agent.timeline(one.row.id)).filter((item) => item.direction === 'out');
    assert.deepEqual(
      sent.map((item) => item.text),
      ['Thank you, Person praise!'],
    );
  });

  test('an earlier answer that settled something alike is offered, without the other customer in it', async () => {
    const before_ = await new_case(
      'earlier',
      'The drum of the washing machine rattles loudly during spinning',
      {
        author: { id: 'ken', name: 'Kentaro' },
      },
    );
    await answer(before_, { text: 'Kentaro, please remove the transport bolts at the back of the drum.' });
    await agent.in('POST', `/cases/${before_.row.id}/resolve`, {});
    const now = await new_case('later', 'My washing machine drum rattles when spinning', {
      author: { id: 'ann', name: 'Annika' },
    });
    const ask = () => agent.in('GET', `/cases/${now.row.id}/reply-kit?${now.query}`);
    const earlier_of = ({ candidates }) => candidates.find((one) => one.source === 'earlier');
    assert.equal(earlier_of(await ask()), undefined, 'what nobody has fetched yet is no answer');
    const waiting = await until('it can be fetched', async () => {
      const { items } = await shop.program.get('/open/replies?limit=200');
      return items.find((item) => item.text.startsWith('Kentaro'));
    });
    await shop.program.post(`/open/replies/${waiting.id}/ack`, {});
    const kit = await ask();
    const earlier = earlier_of(kit);
    assert.equal(earlier.text, 'Annika, please remove the transport bolts at the back of the drum.');
    assert.equal(earlier.case_number, before_.row.number);
    assert.ok(kit.candidates.length <= 3);
  });

  test('out as a document and into another workspace, twice the same', async () => {
    const document = await lead.in('GET', '/saved-replies/export');
    assert.ok(document.saved_replies.length >= 5);
    const other = await desk.workspace('Tea');
    const count = document.saved_replies.length + document.assets.length;
    assert.deepEqual(await other.in('POST', '/saved-replies/import?dry_run=true', document), {
      added: count,
      changed: 0,
      same: 0,
    });
    assert.equal((await other.in('GET', '/saved-replies')).items.length, 0, 'a dry run changes nothing');
    await other.in('POST', '/saved-replies/import', document);
    const again = structuredClone(document);
    again.saved_replies[0].variants[0].text += ' And more.';
    assert.deepEqual(await other.in('POST', '/saved-replies/import', again), {
      added: 0,
      changed: 1,
      same: count - 1,
    });
    // Whole or not at all.
    const broken = structuredClone(document);
    broken.saved_replies.push({ name: 'Broken', variants: [{ text: '{{asset:nowhere}}' }] });
    broken.saved_replies[0].name = 'Renamed';
    const refused = await send(other, 'POST', '/saved-replies/import', broken);
    assert.equal(refused.body.code, 'no_asset');
    assert.match(refused.body.where, /^\/saved_replies\/\d+\/variants$/);
    const names = (await other.in('GET', '/saved-replies')).items.map((item) => item.name);
    assert.equal(names.includes('Renamed'), false);
  });

  test('a complaint is answered beside its five steps', async () => {
    const one = await new_case('learn', 'This is terrible, my new lamp is broken and nobody helps me!');
    const said = await agent.in('POST', `/cases/${one.row.id}/reply-checks`, {
      account_id: one.way.account_id,
      target_post_id: one.way.target_post_id,
      text: 'We are sorry about the lamp.',
    });
    assert.deepEqual(said.learn, {
      listen: true,
      empathise: false,
      apologise: true,
      respond: false,
      now: false,
    });
  });
});
