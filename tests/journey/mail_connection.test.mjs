// A mailbox whose owner agreed on the provider's page (OAuth 2.0), at a Dovecot and a Postfix that take tokens: tokens
// are renewed, a permission that was taken back is told and mended, and what came meanwhile is read.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Desk } from '../support/desk.mjs';
import { Dovecot, dovecot_is_here } from '../support/dovecot.mjs';
import { OAuthProvider } from '../support/oauth_provider.mjs';
import { free_port } from '../support/ports.mjs';
import { Postfix, postfix_is_here } from '../support/postfix.mjs';
import { hand_over } from '../support/smtp_relay.mjs';
import { until } from '../support/wait.mjs';

const skip = !(postfix_is_here() && dovecot_is_here()) && 'needs root, postfix and dovecot';

let desk;
let boxes;
let post;
let provider;
let account;
before(async () => {
  if (skip) return;
  provider = await OAuthProvider.start();
  boxes = await Dovecot.start(['care', 'hana'], {
    extra: `
auth_mechanisms = plain login xoauth2 oauthbearer
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
  const port = await free_port();
  desk = await Desk.open({
    port,
    settings: { 'mail.sent_interval_ms': '500', public_url: `http://127.0.0.1:${port}` },
  });
});
after(async () => {
  await desk?.stop();
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
  smtp_url: `smtp://127.0.0.1:${post.port}`,
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

test('the owner agrees, and mail is read and answered by token', {
  skip,
}, async () => {
  assert.match(await sign_in({}, 'hana'), /mailbox_refused/, 'another mailbox is not ours');
  const location = await sign_in();
  account = await row();
  assert.ok(account, location);
  assert.ok(!JSON.stringify(account).includes('secret of the app'), 'no secret comes back');
  await until('it reads', async () => (await row()).status === 'ok');
  await write('The lamp flickers.');
  const seen = await desk.owner.case_with('lamp flickers');
  provider.expire(); // before its time: another one is asked for, nobody is bothered
  const reply = await desk.owner.reply(seen.id, 'We send you another one.');
  await desk.owner.confirmed(seen.id, reply.id);
  await until('it arrived', () => boxes.mails('hana').some((mail) => mail.text.includes('send you another')));
  assert.ok(provider.renewals > 0);
});

test('a permission taken back is told, and what came meanwhile is read', { skip }, async () => {
  provider.revoke();
  await boxes.stop(); // the connection that stands breaks
  await boxes.run();
  await until('it needs a person', async () => (await row()).status === 'action_needed');
  assert.ok((await connection()).problems.some((one) => one.kind === 'credentials'));
  await write('Written while nobody could read.');
  assert.match(await sign_in({ account_id: account.id }), /connected/);
  await desk.owner.case_with('while nobody could read');
  await until('the gap is told', async () => (await connection()).gaps.some((one) => one.posts >= 1));
  assert.deepEqual((await connection()).problems, [], 'mended');
});
