// A mailbox whose owner agreed on the provider's page (OAuth 2.0), at a Dovecot and a Postfix that take tokens: tokens
// are renewed, what passes is waited for, what a person must mend is told, and what came meanwhile is read.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { Desk } from '../support/desk.mjs';
import { Dovecot, dovecot_is_here } from '../support/dovecot.mjs';
import { OAuthProvider } from '../support/oauth_provider.mjs';
import { free_port } from '../support/ports.mjs';
import { Postfix, postfix_is_here } from '../support/postfix.mjs';
import { hand_over, SmtpRelay } from '../support/smtp_relay.mjs';
import { until } from '../support/wait.mjs';

const skip = !(postfix_is_here() && dovecot_is_here()) && 'needs root, postfix and dovecot';

let desk;
let boxes;
let post;
let wire; // from the desk to Postfix
let provider;
let account;
before(async () => {
  if (skip) return;
  provider = await OAuthProvider.start();
  boxes = await Dovecot.start(['care', 'hana'], {
    extra: `
auth_mechanisms = plain login xoauth2 oauthbearer
mail_plugins = quota
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:messages=20
}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2
}
service auth {
  unix_listener {folder}/auth {
    mode = 0666
  }
}
`,
    files: (folder) =>
      writeFileSync(
        join(folder, 'oauth2'),
        `introspection_url = ${provider.url}/introspect?token=
introspection_mode = get
username_attribute = email
active_attribute = active
active_value = true
`,
      ),
  });
  post = await Postfix.start({ lmtp_port: boxes.lmtp_port, sasl: join(boxes.folder, 'auth') });
  wire = await SmtpRelay.start(post.port);
  const port = await free_port();
  desk = await Desk.open({
    port,
    settings: { 'mail.sent_interval_ms': '500', public_url: `http://127.0.0.1:${port}` },
  });
});
after(async () => {
  await desk?.stop();
  await wire?.stop();
  post?.stop();
  await boxes?.stop();
  await provider?.stop();
});

const write = (text) =>
  hand_over(
    post.port,
    'hana@example.com',
    'care@example.com',
    [
      'From: <hana@example.com>',
      'To: <care@example.com>',
      'Subject: Lamp',
      `Message-ID: <${crypto.randomUUID()}@example.com>`,
      `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
      '',
      text,
      '',
    ].join('\n'),
  );
const fields = (changed = {}) => ({
  address: 'care@example.com',
  name: 'Care',
  imap_url: `imap://127.0.0.1:${boxes.port}`,
  smtp_url: `smtp://127.0.0.1:${wire.port}`,
  oauth_provider: 'other',
  oauth_client_id: 'desk',
  oauth_client_secret: 'secret of the app',
  oauth_authorize_url: `${provider.url}/authorize`,
  oauth_token_url: `${provider.url}/token`,
  ...changed,
});
const begin = (body) =>
  desk.owner.send('POST', `/api/v1/workspaces/${desk.owner.workspace}/accounts/sign-in`, body);
// The browser goes to the provider, agrees as `user`, and comes back.
async function sign_in(extra = {}, user = 'care') {
  const begun = await begin({ network: 'mail', fields: fields(), ...extra });
  assert.equal(begun.status, 201, JSON.stringify(begun.body));
  const back = provider.agree(begun.body.authorize_url, user);
  const came = await desk.owner.send('GET', `/connect/callback?${new URLSearchParams(back)}`);
  return came.headers.get('location');
}
const row = async () => (await desk.owner.in('GET', '/accounts')).items[0];
const restart = async () => {
  await boxes.stop(); // the connection that stands breaks
  await boxes.run();
};
const problems = async () => (await connection()).problems.map((one) => one.kind);
const arrived = (text) =>
  until(`"${text}" arrived`, () => boxes.mails('hana').some((mail) => mail.text.includes(text)));
// A certificate whose time is over.
function expired(folder) {
  const openssl = (words) => execFileSync('openssl', words.split(' '), { cwd: folder, stdio: 'pipe' });
  const lines = [
    '[ca]',
    'default_ca = own',
    '[own]',
    'database = index',
    'new_certs_dir = .',
    'rand_serial = yes',
  ];
  lines.push('default_md = sha256', 'policy = any', '[any]', 'commonName = supplied', '');
  writeFileSync(join(folder, 'ca.cnf'), lines.join('\n'));
  writeFileSync(join(folder, 'index'), '');
  openssl('req -newkey rsa:2048 -nodes -keyout old.key -out old.csr -subj /CN=127.0.0.1');
  const time = '-startdate 20200101000000Z -enddate 20200201000000Z';
  openssl(`ca -batch -config ca.cnf -selfsign -keyfile old.key -in old.csr -out old.pem -notext ${time}`);
  return { cert: join(folder, 'old.pem'), key: join(folder, 'old.key') };
}
const connection = () => desk.owner.in('GET', `/accounts/${account.id}/connection`);

test('what is missing stands at its field, and presets fill the rest', { skip }, async () => {
  const attempt = async (changed) =>
    (await begin({ network: 'mail', fields: fields(changed) })).body.where ?? '';
  assert.match(await attempt({ oauth_provider: 'nobody' }), /oauth_provider/);
  assert.match(await attempt({ oauth_client_id: '' }), /oauth_client_id/);
  assert.match(await attempt({ oauth_authorize_url: '' }), /oauth_authorize_url/);
  assert.match(await attempt({ oauth_token_url: 'ftp://x' }), /oauth_token_url/);
  for (const [provider_name, host] of [
    ['google', 'accounts.google.com'],
    ['microsoft', 'login.microsoftonline.com'],
  ]) {
    const begun = await begin({
      network: 'mail',
      fields: { address: 'care@example.com', oauth_provider: provider_name, oauth_client_id: 'desk' },
    });
    const url = new URL(begun.body.authorize_url);
    assert.equal(url.host, host);
    assert.equal(url.searchParams.get('code_challenge_method'), 'S256');
    assert.ok(url.searchParams.get('scope'));
  }
});

test('the owner agrees, mail is read and answered by token, and a full mailbox is told', {
  skip,
}, async () => {
  assert.match(await sign_in({}, 'hana'), /mailbox_refused/, 'another mailbox is not ours');
  for (let i = 0; i < 19; i += 1) await write(`An old mail ${i}`);
  await until('all are there', () => boxes.mails('care').length === 19);
  const location = await sign_in();
  account = await row();
  assert.ok(account, location);
  assert.ok(!JSON.stringify(account).includes('secret of the app'), 'no secret comes back');
  await until('it reads', async () => (await row()).status === 'ok');
  await until('a nearly full mailbox is told', async () => (await problems()).includes('mailbox_full'));
  boxes.doveadm('expunge', '-u', 'care', 'mailbox', 'INBOX', 'all');
  await restart();
  await until('somebody made room', async () => (await problems()).length === 0);
  await write('The lamp flickers.');
  const seen = await desk.owner.case_with('lamp flickers');
  provider.expire(); // before its time: another one is asked for, nobody is bothered
  const reply = await desk.owner.reply(seen.id, 'We send you another one.');
  await desk.owner.confirmed(seen.id, reply.id);
  await arrived('send you another');
  assert.equal(provider.renewals, 1, 'once, though the first one said it lives for an hour');
});

test('a provider that is in trouble is waited for, and the sign-in is not called dead', {
  skip,
}, async () => {
  const before = provider.renewals;
  provider.expire();
  provider.faults = [503];
  await restart();
  await write('The provider is away.');
  const seen = await desk.owner.case_with('provider is away');
  assert.equal(provider.renewals, before + 1);
  provider.expire();
  provider.faults = [429];
  const reply = await desk.owner.reply(seen.id, 'So we waited.');
  await desk.owner.confirmed(seen.id, reply.id);
  await arrived('So we waited');
  assert.equal(provider.renewals, before + 2);
  assert.deepEqual(provider.faults, []);
  assert.deepEqual([(await row()).status, await problems()], ['ok', []]);
});

test('an expired certificate is told with what mends it, and nothing is lost', { skip }, async () => {
  boxes.secured(expired(boxes.folder));
  await restart();
  await until('it is told', async () => (await problems()).includes('certificate'));
  await until('to people too', async () =>
    (await desk.owner.in('GET', '/notices')).items.some((one) => one.kind === 'account_certificate'),
  );
  assert.notEqual((await row()).status, 'action_needed', 'it is tried again by itself');
  await write('Sent to a server without a passport.');
  await until('it lies there', () => boxes.mails('care').some((mail) => /passport/.test(mail.text)));
  boxes.secured();
  await restart();
  await desk.owner.case_with('without a passport');
  await until('it is mended', async () => (await problems()).length === 0);
});

test('a store that is away for a while costs no mail', { skip }, async () => {
  const times = () => desk.program.log.split('mailbox away').length;
  const before = times();
  const store = new DatabaseSync(join(desk.program.data, 'kikimimi.db'));
  store.exec('BEGIN IMMEDIATE');
  await write('Nobody can write this down.');
  await until('the reader cannot go on', () => times() > before);
  store.exec('ROLLBACK');
  store.close();
  await desk.owner.case_with('write this down');
  await write('Now they can.');
  await desk.owner.case_with('Now they can');
  const once = (await desk.owner.all_cases()).filter((one) => /write this down/.test(one.preview));
  assert.equal(once.length, 1);
  assert.equal((await row()).status, 'ok');
});

test('who refuses a second token as well needs a person', { skip }, async () => {
  const seen = await desk.owner.case_with('lamp flickers');
  const before = provider.renewals;
  wire.knows_nobody = true;
  const reply = await desk.owner.reply(seen.id, 'Nobody lets this out.');
  await until('it failed', async () => (await desk.owner.reply_state(seen.id, reply.id)).state === 'failed');
  assert.equal(provider.renewals, before + 1, 'one new token was tried');
  await until('it is told', async () => (await problems()).includes('credentials'));
  wire.knows_nobody = false;
  await desk.owner.in('POST', `/replies/${reply.id}/retry`, {});
  await desk.owner.confirmed(seen.id, reply.id);
  assert.equal(boxes.mails('hana').filter((mail) => mail.text.includes('lets this out')).length, 1);
});

test('a permission taken back is told, and what came meanwhile is read', { skip }, async () => {
  provider.revoke();
  await restart();
  await until('it needs a person', async () => (await row()).status === 'action_needed');
  assert.ok((await connection()).problems.some((one) => one.kind === 'credentials'));
  await write('Written while nobody could read.');
  assert.match(await sign_in({ account_id: account.id }), /connected/);
  await desk.owner.case_with('while nobody could read');
  await until('the gap is told', async () => (await connection()).gaps.some((one) => one.posts >= 1));
  assert.deepEqual((await connection()).problems, [], 'mended');
});
