// A mailbox on a real Dovecot behind a real Postfix: a Japanese mail comes in, is answered, and the customer's answer
// finds its case; nothing is lost or doubled when servers stop, number their mails anew, or the program is killed.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Desk, open_post } from '../support/desk.mjs';
import { Dovecot, dovecot_is_here, mailbox_password } from '../support/dovecot.mjs';
import { Postfix, postfix_is_here } from '../support/postfix.mjs';
import { SmtpRelay } from '../support/smtp_relay.mjs';
import { each_store } from '../support/stores.mjs';
import { until } from '../support/wait.mjs';

const has_swaks = spawnSync('swaks', ['--version']).status === 0;
const skip =
  !(postfix_is_here() && dovecot_is_here() && has_swaks) && 'needs root, postfix, dovecot and swaks';
const fixture = (name) =>
  readFileSync(new URL(`../../src/channels/mail/mail_fuzz_corpus/${name}.eml`, import.meta.url), 'latin1');

each_store((settings) => {
  let desk;
  let boxes;
  let post;
  let wire; // from the desk to Postfix
  let account;
  let first; // the case that grows
  let fields;

  before(async () => {
    if (skip) return;
    boxes = await Dovecot.start(['care', 'hana', 'taro']);
    post = await Postfix.start({ lmtp_port: boxes.lmtp_port });
    wire = await SmtpRelay.start(post.port);
    desk = await Desk.open({
      language: 'ja',
      settings: { ...(await settings()), 'mail.sent_interval_ms': '1000' },
    });
    fields = {
      address: 'Care@example.com',
      name: 'ミナト電機',
      imap_url: `imap://127.0.0.1:${boxes.port}`,
      imap_password: mailbox_password,
      smtp_url: `smtp://127.0.0.1:${wire.port}`,
      smtp_user: '-',
      reply_address: 'care+*@example.com',
    };
  });
  after(async () => {
    await desk?.stop();
    await wire?.stop();
    post?.stop();
    await boxes?.stop();
  });

  // A mail as swaks sends it; `raw` with its headers, a character a byte.
  function send(from, raw, to = 'care@example.com') {
    const server = ['--server', `127.0.0.1:${post.port}`, '--from', from, '--to', to, '--data', '-'];
    execFileSync('swaks', [...server, '--suppress-data'], {
      input: Buffer.from(raw.replace(/\r\n/g, '\n'), 'latin1'),
      stdio: ['pipe', 'ignore', 'inherit'],
    });
  }
  const utf8 = (text) => Buffer.from(text, 'utf8').toString('latin1');
  function write(from, text, headers = {}, to = undefined) {
    const all = {
      From: `<${from}>`,
      To: '<care@example.com>',
      Date: new Date().toUTCString().replace('GMT', '+0000'),
      'Message-ID': `<${crypto.randomUUID()}@example.com>`,
      'Content-Type': 'text/plain; charset=utf-8',
      ...headers,
    };
    const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    send(from, `${head.join('\n')}\n\n${utf8(text)}\n`, to);
  }
  const posts = async (id) => (await desk.owner.timeline(id)).filter((item) => item.type === 'post');
  const in_case = (id, text) =>
    until(`"${text}" in the case`, async () => (await posts(id)).find((item) => item.text.includes(text)));
  const status = async () =>
    (await desk.owner.in('GET', '/accounts')).items.find((one) => one.id === account.id).status;
  const cases = async () => (await desk.owner.all_cases()).length;
  const arrived = (user, text) =>
    until(`"${text}" at ${user}`, () => boxes.mails(user).find((mail) => mail.text.includes(text)));

  test('a fault in the form stands at its field', { skip }, async () => {
    const attempt = async (changed) => {
      const answer = await desk.owner.send('POST', `/api/v1/workspaces/${desk.owner.workspace}/accounts`, {
        network: 'mail',
        fields: { ...fields, ...changed },
      });
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      return JSON.stringify(answer.body);
    };
    assert.match(await attempt({ imap_password: 'wrong' }), /fields\/imap_password/);
    assert.match(await attempt({ imap_url: 'imap://127.0.0.1:9' }), /fields\/imap_url/);
    assert.match(await attempt({ smtp_url: 'smtp://127.0.0.1:9' }), /fields\/smtp_url/);
    assert.match(await attempt({ smtp_url: 'http://127.0.0.1' }), /fields\/smtp_url/);
    assert.match(await attempt({ folder: '無い' }), /fields\/folder/);
    assert.match(await attempt({ reply_address: 'care@example.com' }), /fields\/reply_address/);
    assert.match(await attempt({ address: 'nobody' }), /fields\/address/);
    account = await desk.owner.in('POST', '/accounts', { network: 'mail', fields });
    assert.equal(account.handle, 'care@example.com');
    assert.ok(!JSON.stringify(account).includes(mailbox_password), 'no password comes back');
    assert.equal(account.settings.sent_folder, 'Sent', 'found by its special use');
    await until('it reads', async () => (await status()) === 'ok');
  });

  test('an ISO-2022-JP mail is answered, and every way back leads to its case', { skip }, async () => {
    send('hana@example.com', fixture('cp50221_2231').replaceAll('hana@customer.example', 'hana@example.com'));
    first = await desk.owner.case_with('お世話になっております');
    assert.equal(first.title, '①注文の件：㈱髙島 ｱｲｳ');
    const [mail] = await posts(first.id);
    assert.equal(mail.author.name, '髙橋㈱花子ﾊﾅ');
    assert.equal(mail.subject, '①注文の件：㈱髙島 ｱｲｳ');
    assert.match(mail.text, /㈱髙島の①番の注文がまだ届きません。\n半角ｶﾀｶﾅ/);
    assert.equal(mail.attachments.length, 1);
    assert.equal(mail.attachments[0].title, '見積①髙表ｱ.pdf');

    const reply = await desk.owner.reply(first.id, 'ご不便をおかけしております。本日お送りしました。');
    await desk.owner.confirmed(first.id, reply.id);
    const { headers } = await arrived('hana', '本日お送りしました');
    assert.equal(headers['in-reply-to'], '<cp50221-2231@customer.example>');
    assert.equal(headers.references, '<cp50221-2231@customer.example>');
    assert.match(headers['reply-to'], /<care\+[a-z2-7]{32}@example\.com>/);
    assert.equal(headers['auto-submitted'], undefined);
    // What it answers is quoted below, in the customer's language.
    const said = (await arrived('hana', '本日お送りしました')).text;
    assert.match(
      said,
      /お送りしました。\s+\d+年\d+月\d+日\(.\) \d\d:\d\d 髙橋㈱花子ﾊﾅ <hana@example.com>:\s+> お世話/,
    );
    const kept = boxes.mails('care', 'Sent');
    assert.deepEqual(
      kept.map((one) => one.headers['message-id']),
      [headers['message-id']],
      'one copy',
    );

    const before = await cases();
    write('hana@example.com', 'ありがとう、届きました。', { 'In-Reply-To': headers['message-id'] });
    await in_case(first.id, '届きました');
    // A program that keeps nothing but the address.
    write('hana@example.com', 'もう一つ質問です。', {}, headers['reply-to'].match(/<(.*)>/)[1]);
    await in_case(first.id, 'もう一つ質問');
    // Somebody else with her thread is somebody else.
    write('taro@example.com', '便乗して書きます。', { References: headers['message-id'] });
    const other = await desk.owner.case_with('便乗して');
    assert.notEqual(other.id, first.id);
    assert.equal(await cases(), before + 1);

    // Answered in a mail program: in the folder of sent mail, and then on the desk.
    const by_hand = [
      'From: care@example.com',
      'To: hana@example.com',
      'Message-ID: <by-hand@example.com>',
      `In-Reply-To: ${headers['message-id']}`,
      '',
      'Written by hand.',
      '',
    ].join('\r\n');
    execFileSync('/usr/bin/doveadm', ['-c', boxes.config, 'save', '-u', 'care', '-m', 'Sent'], {
      input: by_hand,
    });
    assert.equal((await in_case(first.id, 'Written by hand')).direction, 'out');
  });

  test('a colleague in Cc is seen, gets the answer when chosen, and joins the case', { skip }, async () => {
    write('hana@example.com', 'The hall lamp is dark.', { Cc: 'Taro <taro@example.com>' });
    const hall = await desk.owner.case_with('hall lamp is dark');
    const [mail] = await posts(hall.id);
    assert.deepEqual(
      mail.receivers.map((one) => [one.role, one.address, one.us]),
      [
        ['to', 'care@example.com', true],
        ['cc', 'taro@example.com', false],
      ],
    );
    const [way] = (await desk.owner.in('GET', `/cases/${hall.id}`)).can_reply;
    assert.equal(way.answers.address, 'hana@example.com');
    assert.deepEqual(way.others, [{ name: 'Taro', address: 'taro@example.com' }]);
    await assert.rejects(
      desk.owner.reply(hall.id, 'To somebody else?', { copy_to: ['evil@example.com'] }),
      /stranger|did not go/,
    );
    // Taken back, with whom it was to reach.
    await desk.owner.in('PATCH', '', { settings: { undo_send_seconds: 30 } });
    const held = await desk.owner.reply(hall.id, 'Wait.', { copy_to: ['taro@example.com'] });
    const back = await desk.owner.in('POST', `/replies/${held.id}/cancel`);
    assert.deepEqual([back.text, back.copy_to], ['Wait.', ['taro@example.com']]);
    await desk.owner.in('PATCH', '', { settings: { undo_send_seconds: 0 } });
    const reply = await desk.owner.reply(hall.id, 'An electrician comes at ten.', {
      copy_to: ['taro@example.com'],
    });
    await desk.owner.confirmed(hall.id, reply.id);
    await arrived('hana', 'electrician comes');
    const copy = await arrived('taro', 'electrician comes');
    assert.equal(copy.headers.cc, 'Taro <taro@example.com>');
    write('taro@example.com', 'I open the door for him.', { 'In-Reply-To': copy.headers['message-id'] });
    const joined = await in_case(hall.id, 'open the door');
    assert.equal(joined.author.handle, 'taro@example.com');
    const ways = (await desk.owner.in('GET', `/cases/${hall.id}`)).can_reply;
    assert.deepEqual(ways.map((one) => one.answers.address).sort(), ['hana@example.com', 'taro@example.com']);
  });

  test('a copy that the server refuses does not keep the answer from the customer', { skip }, async () => {
    write('hana@example.com', 'The stairs creak.', {
      Cc: 'taro@example.com, refused@example.com',
    });
    const stairs = await desk.owner.case_with('stairs creak');
    const reply = await desk.owner.reply(stairs.id, 'A carpenter comes at noon.', {
      copy_to: ['taro@example.com', 'refused@example.com'],
    });
    await desk.owner.confirmed(stairs.id, reply.id);
    await arrived('hana', 'carpenter comes');
    await arrived('taro', 'carpenter comes');
    const told = (await desk.owner.timeline(stairs.id)).filter((item) => item.kind === 'reply.copy_failed');
    assert.equal(told.length, 1);
    assert.match(told[0].data.detail, /^refused@example\.com: .*554/);
  });

  test('an answer whose arrival nobody heard of is found, or decided by a person', { skip }, async () => {
    write('hana@example.com', 'Does the fan have a warranty?');
    const fan = await desk.owner.case_with('fan have a warranty');
    const in_doubt = async (text, fault) => {
      wire.fault = () => fault;
      const reply = await desk.owner.reply(fan.id, text);
      await until('nobody knows', async () => {
        const state = await desk.owner.reply_state(fan.id, reply.id);
        return state.state === 'unclear' && state.error_code === 'maybe_sent';
      });
      wire.fault = () => undefined;
      return reply;
    };
    // It went out, and the customer answers it.
    const heard = await in_doubt('Yes, two years.', 'lost_after');
    const { headers } = await arrived('hana', 'two years');
    write('hana@example.com', 'Thank you for two years.', { 'In-Reply-To': headers['message-id'] });
    await in_case(fan.id, 'Thank you for two years');
    await desk.owner.in('POST', `/replies/${heard.id}/retry`, {}); // looks now, and not in a while
    await desk.owner.confirmed(fan.id, heard.id);
    // It did not, and an agent says so.
    const lost = await in_doubt('The receipt is enough.', 'lost_before');
    // A colleague has answered since: both go out only when that is meant.
    const other = await desk.person('agent');
    const theirs = await other.reply(fan.id, 'Please keep the receipt.');
    await desk.owner.confirmed(fan.id, theirs.id);
    await assert.rejects(desk.owner.in('POST', `/replies/${lost.id}/settle`, { arrived: false }), {
      status: 409,
      code: 'answered_meanwhile',
    });
    const seen_post_id = (await posts(fan.id)).find((item) => item.reply?.id === theirs.id).id;
    await desk.owner.in('POST', `/replies/${lost.id}/settle`, { arrived: false, seen_post_id });
    await desk.owner.confirmed(fan.id, lost.id);
    await arrived('hana', 'receipt is enough');
    const known = await in_doubt('Good night.', 'lost_before');
    await desk.owner.in('POST', `/replies/${known.id}/settle`, { arrived: true });
    await desk.owner.confirmed(fan.id, known.id);
    await assert.rejects(desk.owner.in('POST', `/replies/${known.id}/settle`, { arrived: false }));
  });

  test('what is automatic opens nothing, what comes back opens nothing, HTML is safe', { skip }, async () => {
    const before = await cases();
    const answered = boxes.mails('hana')[0].headers['message-id'];
    write('hana@example.com', '10日まで不在です。', {
      'Auto-Submitted': 'auto-replied',
      'In-Reply-To': answered,
    });
    assert.equal((await in_case(first.id, '不在です')).direction, 'context');
    write('taro@example.com', 'Out of the office.', { 'Auto-Submitted': 'auto-replied' });

    write('nobody@example.com', 'Please answer me at an address that is not there.');
    const lost = await desk.owner.case_with('at an address that is not there');
    const reply = await desk.owner.reply(lost.id, 'We answer, and it comes back undelivered.');
    await desk.owner.confirmed(lost.id, reply.id);
    await until('the bounce came', () =>
      boxes.mails('care').some((mail) => mail.headers['return-path'] === '<>'),
    );
    // It is tied to the reply it is about: the agent sees that it did not arrive, and the case waits again.
    await until('the reply did not arrive', async () => {
      const { state } = await desk.owner.reply_state(lost.id, reply.id);
      return state === 'failed';
    });
    assert.equal((await desk.owner.in('GET', `/cases/${lost.id}`)).status, 'open');
    // Sent again it leaves again, as another mail, and what comes back of that one is told as well.
    const bounces = () => boxes.mails('care').filter((mail) => mail.headers['return-path'] === '<>').length;
    const before_again = bounces();
    await desk.owner.in('POST', `/replies/${reply.id}/retry`, {});
    await until('it left, and came back again', () => bounces() > before_again);
    await until('the second did not arrive', async () => {
      const state = await desk.owner.reply_state(lost.id, reply.id);
      return state.state === 'failed' && state.error_code === 'not_arrived';
    });

    send(
      'taro@example.com',
      fixture('html_everything').replaceAll('hana@customer.example', 'taro@example.com'),
    );
    const styled = await desk.owner.case_with('急ぎです');
    const [mail] = await posts(styled.id);
    assert.match(mail.html, /<b>急ぎ<\/b>/);
    assert.doesNotMatch(mail.html, /script|onerror|javascript|src=|<iframe|style/);
    assert.equal(await cases(), before + 2, 'neither the absence nor the bounce opened anything');
  });

  test('a link in public leads into the mailbox, and brings its case along', { skip }, async () => {
    const shop = await desk.open_account();
    const text = 'The lamp flickers and the shop does not answer';
    await shop.program.post(
      '/open/posts',
      open_post('lamp', { text, visibility: 'public', reason: 'mention' }),
    );
    const row = await desk.owner.case_with('lamp flickers');
    await desk.owner.reply(row.id, 'Let us look at the lamp in private: {{private_link}}');
    const said = (await posts(row.id)).findLast((item) => item.direction === 'out').text;
    const door = await fetch(said.match(/https?:\S+\/p\/[\w-]+/)[0], { redirect: 'manual' });
    const to = new URL(door.headers.get('location'));
    assert.equal(to.protocol + to.pathname, 'mailto:care@example.com');
    write('hana@example.com', `It is the blue lamp.${to.searchParams.get('body')}`);
    const came = await in_case(row.id, 'It is the blue lamp.');
    assert.equal(came.text, 'It is the blue lamp.');
    assert.equal(came.network, 'mail');
    write('taro@example.com', `I found this link.${to.searchParams.get('body')}`);
    assert.notEqual((await desk.owner.case_with('I found this link')).id, row.id, 'it opens nothing twice');
  });

  test('nothing is lost or doubled when servers stop, number anew, or we are killed', { skip }, async () => {
    const before = await cases();
    const said = (await posts(first.id)).length;
    await boxes.stop();
    await until('the desk says that it waits', async () => (await status()) === 'waiting');
    write('hana@example.com', 'Written while the mailbox was away.', { 'Message-ID': '<away@example.com>' });
    await boxes.run();
    post.run('flush');
    await desk.owner.case_with('while the mailbox was away');
    await until('the closed gap is told', async () =>
      (await desk.owner.in('GET', `/accounts/${account.id}/connection`)).gaps.some((one) => one.posts >= 1),
    );

    await desk.program.kill();
    write('hana@example.com', 'Written while the desk was down.');
    await until('delivered', () => boxes.mails('care').some((mail) => /desk was down/.test(mail.text)));
    await desk.program.start();
    await desk.owner.case_with('while the desk was down');

    boxes.doveadm('mailbox', 'update', '-u', 'care', '--uid-validity', '4242424', 'INBOX');
    write('hana@example.com', 'The first after the new numbers.');
    await desk.owner.case_with('first after the new numbers');
    await until('the same mails came again to nothing', async () => {
      const failures = (await desk.owner.in('GET', '/journal/failures')).items;
      assert.deepEqual(failures, []);
      return true;
    });
    assert.equal(await cases(), before + 3);
    assert.equal((await posts(first.id)).length, said);
  });
});
