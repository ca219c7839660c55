// From an empty data directory to an owner at the desk, and what holds for signing in.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { password } from '../support/desk.mjs';
import { Program, program_path } from '../support/program.mjs';

let program;
before(async () => {
  program = await Program.start();
});
after(() => program.stop());

const owner = {
  name: '山田 花子',
  email: 'Hanako@Example.com',
  password,
  language: 'ja',
  workspace_name: '街のパン屋',
  time_zone: 'Asia/Tokyo',
};

test('a new desk asks for its owner, and only the one-time link makes one', async () => {
  const client = new Client(program.url);
  assert.deepEqual(await client.get('/setup'), { needed: true });
  const wrong = await client.send('POST', '/api/v1/setup', { ...owner, token: 'guessed' });
  assert.ok([401, 403].includes(wrong.status), `${wrong.status}`);
  const short = await client.send('POST', '/api/v1/setup', {
    ...owner,
    password: 'short',
    token: await program.setup_token(),
  });
  assert.ok([400, 422].includes(short.status));
  const me = await client.post('/setup', { ...owner, token: await program.setup_token() });
  assert.equal(me.email, 'hanako@example.com');
  assert.equal(me.workspaces[0].name, '街のパン屋');
  assert.equal(me.workspaces[0].role, 'owner');
  assert.deepEqual(await client.get('/setup'), { needed: false });
  const again = await new Client(program.url).send('POST', '/api/v1/setup', {
    ...owner,
    token: await program.setup_token(),
  });
  assert.ok(again.status >= 400 && again.status < 500);
});

test('signing in, out, and a session that survives a restart', async () => {
  const client = await new Client(program.url).sign_in(owner.email, password);
  assert.equal((await client.get('/me')).name, owner.name);
  await program.restart();
  assert.equal((await client.get('/me')).name, owner.name);
  await client.api('DELETE', '/session');
  assert.equal((await client.send('GET', '/api/v1/me')).status, 401);
});

test('a wrong password is refused, and guessing is slowed down', async () => {
  const client = new Client(program.url);
  const seen = new Set();
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const answer = await client.send('POST', '/api/v1/session', {
      email: 'nobody@example.com',
      password: 'wrong',
    });
    seen.add(answer.status);
    if (answer.status === 429) {
      assert.ok(Number(answer.headers.get('retry-after')) > 0);
      break;
    }
    assert.equal(answer.body.code, 'wrong_credentials');
  }
  assert.deepEqual([...seen], [401, 429]);
  // Somebody else at the same desk is not locked out.
  await new Client(program.url).sign_in(owner.email, password);
});

test('a change needs the CSRF token', async () => {
  const client = await new Client(program.url).sign_in(owner.email, password);
  const { csrf } = client;
  client.csrf = '';
  assert.equal((await client.send('PATCH', '/api/v1/me', { name: 'Somebody' })).status, 403);
  client.csrf = `${csrf.slice(0, -1)}x`;
  assert.equal((await client.send('PATCH', '/api/v1/me', { name: 'Somebody' })).status, 403);
  client.csrf = csrf;
  assert.equal((await client.api('PATCH', '/me', { name: 'Hanako' })).name, 'Hanako');
});

test('health, readiness and metrics are there without signing in', async () => {
  assert.equal((await fetch(`${program.url}/healthz`)).status, 200);
  assert.equal((await fetch(`${program.url}/readyz`)).status, 200);
  const metrics = await fetch(`${program.url}/metrics`);
  assert.equal(metrics.status, 200);
  const text = await metrics.text();
  assert.match(text, /^# TYPE kikimimi_/m);
  assert.doesNotMatch(text, /Hanako|example\.com/i);
  assert.match(text, /^kikimimi_http_request_seconds_count\{group="session"\} [1-9]/m);
});

test('kikimimi admin lets people in, beside the running server and without it', async () => {
  const admin = (...flags) =>
    execFileSync(program_path(), ['admin', ...flags, '--data', program.data], {
      stdio: 'pipe',
      timeout: 60_000,
    }).toString();
  const link = admin('login-link', owner.email).match(/\/login#([\w-]+)/);
  const linked = await new Client(program.url).post('/session/link', { token: link[1] });
  assert.equal(linked.email, 'hanako@example.com');
  const made = admin('reset-password', owner.email).trim().split(': ').at(-1);
  assert.notEqual(made, password);
  const client = await new Client(program.url).sign_in(owner.email, made);
  assert.equal((await client.send('GET', '/api/v1/me')).status, 200);
  assert.throws(() => admin('disable', owner.email), /without an owner/);
  assert.throws(() => admin('login-link', 'nobody@example.com'), /Nobody here/);
  assert.throws(() => admin('dance', owner.email), /Expected login-link/);
  const socket = `${program.data}/admin.sock`;
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  await program.stop();
  assert.equal(existsSync(socket), false);
  const offline = admin('reset-password', owner.email).trim().split(': ').at(-1);
  await program.start();
  await new Client(program.url).sign_in(owner.email, offline);
});

test('the log is JSON lines and carries no secret', async () => {
  const lines = program.log.split('\n').filter((line) => line.startsWith('{'));
  assert.ok(lines.length > 0);
  for (const line of lines) JSON.parse(line);
  assert.doesNotMatch(program.log, new RegExp(password));
});

test('a wrong flag or key names itself', async () => {
  const fails = (...flags) => {
    try {
      execFileSync(program_path(), flags, { stdio: 'pipe', timeout: 60_000 });
    } catch (error) {
      assert.notEqual(error.status, 0);
      assert.equal(error.signal, null);
      return `${error.stdout}${error.stderr}`;
    }
    return assert.fail(`${flags} was accepted`);
  };
  assert.match(fails('serve', '--nonsense', '1'), /nonsense/);
  const file = `${program.data}/wrong.toml`;
  writeFileSync(file, 'listen = "127.0.0.1:0"\n\n[store]\nurk = 3\n');
  const told = fails('serve', '--config', file, '--data', `${program.data}/other`);
  assert.match(told, /store\.urk|urk/);
  assert.match(told, /wrong\.toml:4/);
});
