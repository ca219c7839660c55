// Whoever means no good, at the doors that stand open to the world. Each gets a clear answer or silence, and nothing of
// what they brought stays half stored. (Mail has its own: mail.test.mjs; foreign sites: chat.test.mjs.)
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Line, missing, sign, user_id } from '../networks/line/line.mjs';
import { Desk, open_post } from '../support/desk.mjs';
import { free_port } from '../support/ports.mjs';
import { connect_chat, png, Visitor } from '../support/visitor.mjs';
import { until } from '../support/wait.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';

const skip = missing;
let line;
let desk;
let chat;
before(async () => {
  const port = await free_port();
  line = skip ? undefined : await Line.start();
  desk = await Desk.open({
    port,
    settings: { ...line?.settings, public_url: `http://127.0.0.1:${port}` },
  });
  if (line) {
    await desk.owner.in('POST', '/accounts', { network: 'line', fields: line.fields });
    await until('LINE knows where to call', () => line.webhook.endpoint);
  }
  chat = await connect_chat(desk);
});
after(async () => {
  await desk?.stop();
  await line?.stop();
});

const call_line = (body, { signature = sign(line.secret, body), headers = {} } = {}) =>
  fetch(line.webhook.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-line-signature': signature, ...headers },
    body,
    redirect: 'manual',
  });
const bytes_of = (...events) => JSON.stringify({ destination: line.bot.userId, events });
const names = async () => (await desk.owner.all_cases()).map((row) => row.preview);

test('a wrong signature, and a right one for other bytes', { skip }, async () => {
  const body = bytes_of(line.text(user_id(), 'forged words'));
  for (const signature of ['', 'AAAA', sign('another secret', body), sign(line.secret, `${body} `)]) {
    const answer = await call_line(body, { signature });
    assert.equal(answer.status, 401, signature);
    assert.equal(await answer.text(), '', 'and not told why');
  }
  await line.bring([line.text(user_id(), 'honest words')]);
  await desk.owner.case_with('honest words');
  assert.equal((await names()).includes('forged words'), false);
});

test('a recorded webhook that is played again, unmarked, also after a restart', { skip }, async () => {
  const body = bytes_of(line.text(user_id(), 'recorded words'));
  const play = async () => assert.equal((await call_line(body)).status, 200);
  await play();
  await play();
  const row = await desk.owner.case_with('recorded words');
  await desk.program.kill();
  await desk.program.start();
  await play();
  await line.bring([line.text(user_id(), 'words behind it')]);
  await desk.owner.case_with('words behind it');
  assert.equal((await desk.owner.timeline(row.id)).filter((item) => item.type === 'post').length, 1);
});

test('a body over the limit, by every door that takes bytes', async () => {
  const large = (bytes) => Buffer.alloc(bytes, 97);
  const visitor = new Visitor(desk.url, chat.key);
  const refused = async (sending) => {
    const answer = await sending.catch(() => null); // some clients see the line close before they read the answer
    if (answer) assert.equal(answer.status, 413);
  };
  if (line) await refused(call_line(large((1 << 20) + 1)));
  await refused(visitor.send('POST', '/messages', { id: 'm', text: 'x'.repeat(100_000) }));
  await refused(visitor.send('POST', '/files', large((5 << 20) + 1)));
  await refused(
    desk.owner.send('POST', `/api/v1/workspaces/${desk.owner.workspace}/attachments`, large(10_000_001), {
      raw: true,
    }),
  );
  const { body } = await visitor.send('GET', '/messages');
  assert.deepEqual([body.known, body.items], [false, []], 'nobody is known by what was refused');
});

test('a content type that is not what it says', async () => {
  const reach = `/api/v1/workspaces/${desk.owner.workspace}/reach`;
  const plain = { raw: true, headers: { 'content-type': 'text/plain' } };
  const answer = await desk.owner.send('PUT', reach, '{"enabled":true}', plain);
  assert.equal(answer.status, 415);
  assert.equal((await desk.owner.in('GET', '/reach')).enabled, false);
  // A page of theirs under the name of a picture, for a visitor and for an agent.
  const page = Buffer.from('<!doctype html><script>alert(1)</script>');
  const visitor = new Visitor(desk.url, chat.key);
  const sent = await visitor.send('POST', '/files', page, { headers: { 'content-type': 'image/png' } });
  assert.deepEqual([sent.status, sent.body.code], [422, 'not_an_image']);
  assert.equal((await visitor.send('GET', '/messages')).body.known, false);
  // And the other way round: what the bytes say counts.
  const kept = await visitor.send('POST', '/files', png(), { headers: { 'content-type': 'text/html' } });
  const shown = await visitor.send('GET', `/files/${kept.body.id}`);
  assert.equal(shown.headers.get('content-type'), 'image/png');
  assert.equal(shown.headers.get('x-content-type-options'), 'nosniff');
  if (!line) return;
  // A signature is over bytes, whatever they are called.
  const strange = await call_line(bytes_of(line.text(user_id(), 'strangely typed')), {
    headers: { 'content-type': 'text/html' },
  });
  assert.equal(strange.status, 200);
  await desk.owner.case_with('strangely typed');
});

test('a redirect where none may be: nothing follows it, and no secret goes along', async () => {
  const elsewhere = await WebhookReceiver.start();
  const receiver = await WebhookReceiver.start();
  receiver.location = elsewhere.url;
  let status = 302;
  receiver.answer = () => status;
  const { program, secret } = await desk.open_account(desk.owner, { webhook_url: receiver.url });
  receiver.secret = secret;
  await program.post('/open/posts', open_post('led-away', { text: 'Where does my answer go?' }));
  const row = await desk.owner.case_with('Where does my answer go?');
  const reply = await desk.owner.reply(row.id, 'To you alone.');
  await until('it was tried', () => receiver.requests.length > 0);
  status = 204;
  await until('and is tried again', async () => {
    const seen = await desk.owner.reply_state(row.id, reply.id);
    if (seen.state === 'failed') await desk.owner.in('POST', `/replies/${reply.id}/retry`, {});
    return seen.state === 'confirmed';
  });
  assert.equal(elsewhere.requests.length, 0);
  if (line) {
    const from = user_id();
    await line.redeliver([line.text(from, 'led away by LINE')]);
    const other = await desk.owner.case_with('led away by LINE');
    line.fail('pushMessage', { status: 307, headers: { location: elsewhere.url } });
    const answer = await desk.owner.reply(other.id, 'Once, and to you.');
    await desk.owner.confirmed(other.id, answer.id);
    assert.deepEqual(line.texts(from), ['Once, and to you.']);
    assert.equal(elsewhere.requests.length, 0);
  }
  await receiver.stop();
  await elsewhere.stop();
});

test('a poisoned file name is a name, and the file no page of ours', { skip }, async () => {
  const from = user_id();
  const page = Buffer.from('<script>alert(document.cookie)</script>');
  const name = '../../etc/passwd"\r\nSet-Cookie: a=b\r\n\r\n<script>.html';
  await line.bring([
    line.file(from, 'file', page, 'text/html', { fileName: name, fileSize: page.length }),
    line.text(from, 'here is my file'),
  ]);
  const row = await desk.owner.case_with('here is my file');
  const file = await until('the file is kept', async () => {
    const [found] = (await desk.owner.timeline(row.id)).flatMap((item) => item.attachments ?? []);
    return found?.state === 'kept' && found;
  });
  assert.doesNotMatch(file.name, /[/\\\r\n]/);
  const copy = await desk.owner.send('GET', file.file_url);
  assert.equal(copy.headers.get('set-cookie'), null);
  assert.match(copy.headers.get('content-disposition'), /^attachment; /);
  assert.match(copy.headers.get('content-security-policy'), /sandbox/);
  assert.doesNotMatch(copy.type, /html/);
  assert.ok(copy.bytes.equals(page));
});

test('who floods is held, told when to come back, and leaves nothing half stored', async () => {
  const flood = new Visitor(desk.url, chat.key);
  const answers = await Promise.all(Array.from({ length: 30 }, (_, at) => flood.write(`Flood ${at}`)));
  const taken = answers.filter((one) => one.status === 202).length;
  assert.ok(taken >= 1 && taken < 30, String(taken));
  assert.ok(answers.every((one) => [202, 429].includes(one.status)));
  assert.ok(answers.filter((one) => one.status === 429).every((one) => one.headers.get('retry-after') >= 1));
  assert.equal((await flood.all()).length, taken);
});
