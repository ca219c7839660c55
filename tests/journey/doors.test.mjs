// Malformed, truncated, oversized, wrongly encoded, deeply nested and hostile input at every door: the answer is a
// clear problem+json below 500, nothing of it is stored, and the program is as well as before.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { Desk, open_post } from '../support/desk.mjs';
import { until } from '../support/wait.mjs';

let desk;
let shop;
let row;
before(async () => {
  desk = await Desk.open();
  shop = await desk.open_account();
  await shop.program.post('/open/posts', open_post('door'));
  row = await desk.owner.case_with('number door');
});
after(() => desk?.stop());

// What may be sent to every route that takes a body: name -> [bytes, content type].
const json = 'application/json';
const hostile = {
  empty: ['', json],
  'not JSON': ['hello', json],
  'cut in the middle': ['{"text": "half', json],
  'two values': ['{} {}', json],
  'an array': ['[]', json],
  'a number': ['7', json],
  null: ['null', json],
  'lone surrogate': ['{"text":"\\ud800"}', json],
  'invalid UTF-8': [Buffer.from([0x7b, 0x22, 0x74, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]), json],
  'overlong UTF-8': [Buffer.from([0x7b, 0x22, 0x74, 0x22, 0x3a, 0x22, 0xc0, 0xaf, 0x22, 0x7d]), json],
  'UTF-16': [Buffer.from('{"text":"x"}', 'utf16le'), json],
  'a NUL character': ['{"text":"a\\u0000b","name":"a\\u0000b"}', json],
  'deep arrays': ['['.repeat(100_000), json],
  'deep objects': [`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`, json],
  'a huge number': ['{"limit":1e999999,"text":1e400}', json],
  'wrong types': [
    '{"text":{},"name":[],"keywords":7,"state":true,"user_id":{},"reason":[],"until":-1,"tags":"x",' +
      '"email":7,"password":[],"role":{},"network":1,"fields":[],"posts":{},"token":7,"kind":[],"request_id":{}}',
    json,
  ],
  'unknown members': ['{"surprise":1}', json],
  'the same key twice': ['{"text":"a","text":"b"}', json],
  'a form': ['text=a&name=b', 'application/x-www-form-urlencoded'],
  'an XML bomb': ['<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', 'application/xml'],
};

const doors = () => {
  const inside = `/workspaces/${desk.owner.workspace}`;
  return [
    [desk.owner, 'POST', '/setup'],
    [desk.owner, 'POST', '/session'],
    [desk.owner, 'POST', '/session/link'],
    [desk.owner, 'PATCH', '/me'],
    [desk.owner, 'POST', '/me/password'],
    [desk.owner, 'POST', '/invitations/x/accept'],
    [desk.owner, 'POST', '/workspaces'],
    [desk.owner, 'PATCH', inside],
    [desk.owner, 'PATCH', `${inside}/members/${desk.owner.me.id}`],
    [desk.owner, 'POST', `${inside}/tokens`],
    [desk.owner, 'POST', `${inside}/accounts`],
    [desk.owner, 'PATCH', `${inside}/accounts/${shop.account.id}`],
    [desk.owner, 'POST', `${inside}/topics`],
    [desk.owner, 'POST', `${inside}/cases/${row.id}/replies`],
    [desk.owner, 'POST', `${inside}/cases/${row.id}/notes`],
    [desk.owner, 'POST', `${inside}/cases/${row.id}/assign`],
    [desk.owner, 'POST', `${inside}/cases/${row.id}/snooze`],
    [desk.owner, 'POST', `${inside}/cases/${row.id}/dismiss`],
    [desk.owner, 'PUT', `${inside}/cases/${row.id}/tags`],
    [desk.owner, 'PATCH', `${inside}/cases/${row.id}`],
    [desk.owner, 'PUT', `${inside}/cases/${row.id}/draft`],
    [desk.owner, 'POST', `${inside}/cases/${row.id}/presence`],
    [desk.owner, 'PATCH', `${inside}/people/${row.person_id}`],
    [shop.program, 'POST', '/open/posts'],
    [shop.program, 'POST', '/open/deletions'],
  ];
};

const is_problem = (answer, what) => {
  assert.ok(
    answer.status >= 400 && answer.status < 500,
    `${what}: ${answer.status} ${answer.text.slice(0, 200)}`,
  );
  assert.match(answer.type, /^application\/problem\+json/, what);
  assert.equal(answer.body.status, answer.status, what);
  assert.ok(answer.body.title && answer.body.detail, `${what}: ${answer.text}`);
};

// What must be the same before and after.
async function everything() {
  const cases = await desk.owner.all_cases();
  const lists = await Promise.all(
    ['/topics', '/accounts', '/members', '/tokens', '/invitations'].map((path) => desk.owner.in('GET', path)),
  );
  const { name } = await desk.owner.in('GET', '');
  return JSON.stringify({
    name,
    cases,
    lists: lists.map((list) => list.items.length),
    timeline: await desk.owner.timeline(row.id),
  });
}

test('every door that takes JSON refuses what is not its JSON', async (context) => {
  const before_it = await everything();
  for (const [client, method, path] of doors()) {
    await context.test(`${method} ${path.replace(/\d{5,}/g, 'ID')}`, async () => {
      for (const [what, [bytes, type]] of Object.entries(hostile)) {
        const answer = await client.send(method, `/api/v1${path}`, bytes, {
          raw: true,
          headers: { 'content-type': type },
        });
        // Some doors have only optional members, so an odd but harmless object may pass there.
        if (answer.status < 300 && ['unknown members', 'the same key twice', 'a huge number'].includes(what))
          continue;
        is_problem(answer, `${method} ${path} with ${what}`);
      }
    });
  }
  // Odd objects that pass may set a draft or a presence, but never a case.
  assert.equal(JSON.parse(await everything()).cases.length, JSON.parse(before_it).cases.length);
  assert.equal(
    JSON.stringify(JSON.parse(await everything()).lists),
    JSON.stringify(JSON.parse(before_it).lists),
  );
});

test('too much is refused before it is read', async () => {
  const big = JSON.stringify({ text: 'x'.repeat(6 << 20) });
  for (const [client, method, path] of [
    [desk.owner, 'POST', `/workspaces/${desk.owner.workspace}/cases/${row.id}/notes`],
    [shop.program, 'POST', '/open/posts'],
    [new Client(desk.url), 'POST', '/session'],
  ]) {
    const answer = await client
      .send(method, `/api/v1${path}`, big, { raw: true, headers: { 'content-type': json } })
      .catch((error) => ({ cut: error }));
    // The server may close while we still send: then there is no answer to read, which is fine too.
    if (!answer.cut) is_problem(answer, `${method} ${path}`);
    if (!answer.cut) assert.equal(answer.status, 413);
  }
});

test('wrong parameters name themselves', async () => {
  const inside = `/api/v1/workspaces/${desk.owner.workspace}`;
  for (const path of [
    `${inside}/cases?limit=0`,
    `${inside}/cases?limit=100000`,
    `${inside}/cases?limit=x`,
    `${inside}/cases?cursor=nonsense`,
    `${inside}/cases?view=nonsense`,
    `${inside}/cases/abc`,
    `${inside}/cases/-1`,
    `${inside}/cases/99999999999999999999999`,
    `${inside}/cases/${row.id}/timeline?before=zzz`,
    `${inside}/search?q=%ff%fe`,
    `${inside}/search?q=`,
    '/api/v1/workspaces/abc/cases',
    '/api/v1/nothing/here',
    `${inside}/cases/%2e%2e/%2e%2e`,
    '/api/v1/%00',
  ]) {
    is_problem(await desk.owner.send('GET', path), path);
  }
  is_problem(await desk.owner.send('DELETE', `${inside}/cases`), 'a method that is not there');
});

test('markup and control characters in a post are text', async () => {
  const text = '<script>alert(1)</script> \u202e<img src=x onerror=alert(1)> [a](javascript:alert(1)) \u0007';
  await shop.program.post(
    '/open/posts',
    open_post('markup', { text, author: { id: 'm', name: '<b>Bold</b>' } }),
  );
  const found = await desk.owner.case_with('<script>alert(1)</script>');
  assert.equal(found.name, '<b>Bold</b>');
  assert.ok((await desk.owner.timeline(found.id))[0].text.startsWith('<script>alert(1)</script>'));
});

test('a link in a post is not fetched', async () => {
  const { createServer } = await import('node:http');
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.end();
  });
  await new Promise((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const url = `http://127.0.0.1:${server.address().port}/pixel.png`;
  await shop.program.post(
    '/open/posts',
    open_post('link', {
      text: `See ${url}`,
      url,
      attachments: [{ kind: 'image', url }],
      author: { id: 'l', avatar_url: url },
    }),
  );
  const found = await desk.owner.case_with('See http');
  await desk.owner.timeline(found.id);
  assert.equal(asked, 0);
  server.close();
});

test('an attachment is what its bytes are, not what it says', async () => {
  const path = `/api/v1/workspaces/${desk.owner.workspace}/attachments`;
  for (const [bytes, type] of [
    ['<svg onload=alert(1)>', 'image/png'],
    ['<html>', 'text/html'],
    ['', 'image/png'],
    [Buffer.from('89504e470d0a1a0a', 'hex'), 'image/png'],
    ['GIF89a', 'image/gif'],
  ]) {
    const answer = await desk.owner.send('POST', path, bytes, {
      raw: true,
      headers: { 'content-type': type },
    });
    is_problem(answer, `${type} of ${bytes.length} bytes`);
  }
});

// Bytes straight to the socket; the answer is whatever came before the connection closed.
function raw(bytes, { end = false, patience_ms = 20_000 } = {}) {
  return new Promise((done, failed) => {
    const socket = connect(desk.program.port, '127.0.0.1', () => {
      socket.write(bytes);
      if (end) socket.end();
    });
    let got = '';
    const timer = setTimeout(() => {
      socket.destroy();
      done(got);
    }, patience_ms);
    socket.on('data', (piece) => {
      got += piece;
      if (/\r\n\r\n/.test(got)) setTimeout(() => socket.destroy(), 50);
    });
    socket.on('error', (error) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') failed(error);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      done(got);
    });
  });
}

test('what is not HTTP gets an HTTP answer or a closed door', async () => {
  const wrong = {
    'no HTTP': 'hello\r\n\r\n',
    TLS: Buffer.from('160301020001000 1fc0303'.replace(' ', ''), 'hex'),
    'bad version': 'GET / HTTP/9.9\r\nHost: x\r\n\r\n',
    'no host': 'GET /api/v1/setup HTTP/1.1\r\n\r\n',
    'negative length': 'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n',
    'two lengths':
      'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
    'length and chunks':
      'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n' +
      'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'bad chunk':
      'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n',
    'NUL in a header': 'GET /api/v1/setup HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n',
    'a header without colon': 'GET /api/v1/setup HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n',
    'a huge head': `GET /api/v1/setup HTTP/1.1\r\nHost: x\r\nA: ${'b'.repeat(200_000)}\r\n\r\n`,
    'many headers': `GET /api/v1/setup HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(20_000)}\r\n`,
    'a huge target': `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    'an unknown method': 'BREW /api/v1/setup HTTP/1.1\r\nHost: x\r\n\r\n',
    'a length too large to hold':
      'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n',
  };
  for (const [what, bytes] of Object.entries(wrong)) {
    const got = await raw(bytes, { end: what === 'TLS' });
    const status = Number(got.match(/^HTTP\/1\.[01] (\d+)/)?.[1] ?? 0);
    assert.ok(
      status === 0 || (status >= 400 && status < 500) || status === 501 || status === 505,
      `${what}: ${got.slice(0, 100)}`,
    );
  }
  assert.equal((await fetch(`${desk.url}/readyz`)).status, 200);
});

test('a body that stops half-way is not stored', async () => {
  const before_it = (await desk.owner.all_cases()).length;
  const body = JSON.stringify(open_post('half'));
  await raw(
    `POST /api/v1/open/posts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${shop.account.token}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 40)}`,
    { end: true },
  );
  await shop.program.post('/open/posts', open_post('after half'));
  await desk.owner.case_with('number after half');
  assert.equal((await desk.owner.all_cases()).length, before_it + 1);
});

test('paths of the console lead nowhere else', async () => {
  for (const path of [
    '/../../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/assets/../../../etc/passwd',
    '/%c0%ae%c0%ae/etc',
  ]) {
    const got = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.doesNotMatch(got, /root:x:0/);
  }
});

test('after all of this the program has not complained of itself', () => {
  assert.ok(desk.program.running);
  assert.equal(desk.program.starts, 1);
  const faults = desk.program.log
    .split('\n')
    .filter((line) => /"kind":"internal"|CHECK failed|Sanitizer/.test(line));
  assert.deepEqual(faults, []);
});

test('readyz says when nothing can be stored, and when it can again', async () => {
  const other = new DatabaseSync(join(desk.program.data, 'kikimimi.db'));
  other.exec('BEGIN IMMEDIATE'); // the store is somebody else's now
  const refused = await until('not ready', async () => {
    const answer = await fetch(`${desk.url}/readyz`);
    return answer.status !== 200 && answer;
  });
  assert.equal(refused.status, 503);
  assert.match(refused.headers.get('content-type'), /problem\+json/);
  assert.equal((await fetch(`${desk.url}/healthz`)).status, 200, 'alive it is');
  other.exec('ROLLBACK');
  other.close();
  await until('ready again', async () => (await fetch(`${desk.url}/readyz`)).ok);
});
