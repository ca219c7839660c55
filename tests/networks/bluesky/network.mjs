// Starts the real Bluesky network on loopback (directory, data server, AppView, from @atproto/dev-env) with a
// PostgreSQL and a Redis of its own in a temporary directory, prints one line of JSON with the addresses, and offers a
// small control API (see README.md). Ends, and takes everything with it, on SIGTERM, SIGINT, POST /shutdown, or when
// its standard input closes (unless KIKI_BLUESKY_STAY=1): a test that dies leaves nothing behind.

import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const installed = process.env.KIKI_BLUESKY_NETWORK_DIR ?? path.join(here, '../../../build/networks/bluesky');
const modules = createRequire(path.join(installed, 'package.json'));
const say = (...words) => console.error('bluesky network:', ...words);

// ---- a temporary home for everything

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'kiki-bluesky-'));
fs.chmodSync(home, 0o755);
const scratch = path.join(home, 'tmp');
fs.mkdirSync(scratch);
process.env.TMPDIR = scratch; // the data server keeps its files where os.tmpdir() says
process.env.LOG_ENABLED ??= 'false';
process.env.NODE_ENV ??= 'test';

// The network's parts listen on all interfaces; a test has no business there.
// And every connection is remembered from the first on, so that a server can be cut off.
const connections = new Map(); // server → sockets
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (first, ...rest) {
  if (!connections.has(this)) {
    const sockets = new Set();
    connections.set(this, sockets);
    this.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
  }
  const bare = typeof first === 'number' && typeof rest[0] !== 'string';
  return bare ? listen.call(this, first, '127.0.0.1', ...rest) : listen.call(this, first, ...rest);
};

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = net
      .createServer()
      .on('error', reject)
      .listen(0, () => {
        const { port } = server.address();
        server.close(() => resolve(port));
      });
  });

// ---- PostgreSQL and Redis, by their process ids

const children = [];
function start(name, command, args, options = {}) {
  const log = fs.openSync(path.join(home, `${name}.log`), 'a');
  const child = spawn(command, args, { stdio: ['ignore', log, log], ...options });
  child.on('exit', (code, signal) => {
    if (!ending) say(`${name} ended early (${code ?? signal})`);
    child.over = true;
  });
  children.push({ name, child });
  return child;
}

async function until(what, check, timeout_ms = 30_000) {
  const deadline = Date.now() + timeout_ms;
  for (;;) {
    if (await check()) return;
    if (Date.now() > deadline) throw new Error(`${what}: not ready after ${timeout_ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const answers = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

async function startPostgres() {
  const bin = [
    '/usr/lib/postgresql/17/bin',
    '/usr/lib/postgresql/16/bin',
    '/usr/lib/postgresql/15/bin',
    '/usr/lib/postgresql/14/bin',
  ].find((dir) => fs.existsSync(path.join(dir, 'initdb')));
  if (!bin) throw new Error('PostgreSQL is missing (apt-get install postgresql)');
  const data = path.join(home, 'postgres');
  fs.mkdirSync(data);
  const options = {};
  if (process.getuid() === 0) {
    // PostgreSQL refuses to run as root; Debian's package made a user for it
    const id = (flag) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
    options.uid = id('-u');
    options.gid = id('-g');
    fs.chownSync(data, options.uid, options.gid);
  }
  const made = spawnSync(
    path.join(bin, 'initdb'),
    ['-D', data, '-U', 'pg', '-A', 'trust', '--no-sync', '--locale=C.UTF-8', '-E', 'UTF8'],
    { encoding: 'utf8', cwd: data, ...options },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  start(
    'postgres',
    path.join(bin, 'postgres'),
    [
      '-D',
      data,
      '-p',
      String(port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'fsync=off',
      '-c',
      'synchronous_commit=off',
      '-c',
      'full_page_writes=off',
      '-c',
      'max_connections=300',
      '-c',
      'unix_socket_directories=',
    ],
    { cwd: data, ...options },
  );
  await until(
    'PostgreSQL',
    () =>
      spawnSync(path.join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port), '-U', 'pg'])
        .status === 0,
  );
  return `postgresql://pg:password@127.0.0.1:${port}/postgres`;
}

async function startRedis() {
  const port = await freePort();
  const data = path.join(home, 'redis');
  fs.mkdirSync(data);
  start('redis', 'redis-server', [
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    data,
  ]);
  await until('Redis', () => answers(port));
  return `127.0.0.1:${port}`;
}

// ---- the end

let ending = false;
let network;
async function end(code) {
  if (ending) return;
  ending = true;
  const force = setTimeout(() => finish(code), 15_000);
  try {
    await network?.close();
  } catch {
    /* a stopped data server cannot be closed twice */
  }
  clearTimeout(force);
  finish(code);
}
function finish(code) {
  for (const { child } of children)
    if (!child.over) child.kill(child.spawnfile.endsWith('postgres') ? 'SIGQUIT' : 'SIGTERM');
  setTimeout(() => {
    fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    process.exit(code);
  }, 300);
}
process.on('SIGTERM', () => end(0));
process.on('SIGINT', () => end(0));
process.on('unhandledRejection', (error) => {
  if (!ending) say('unhandled:', error?.message ?? error);
});
process.on('uncaughtException', (error) => {
  if (!ending) say('uncaught:', error?.message ?? error);
});
if (process.env.KIKI_BLUESKY_STAY !== '1')
  process.stdin
    .resume()
    .on('end', () => end(0))
    .on('error', () => end(0));

// ---- the network

try {
  process.env.DB_POSTGRES_URL = await startPostgres();
  process.env.REDIS_HOST = await startRedis();
  const { TestNetwork } = await import(pathToFileURL(resolveModule('@atproto/dev-env')));
  network = await TestNetwork.create({
    dbPostgresSchema: 'kiki',
    plc: { port: await freePort() },
    pds: { port: await freePort(), hostname: 'localhost' },
    bsky: { port: await freePort() },
    ozone: { port: await freePort() },
  });
} catch (error) {
  say(error.stack ?? error);
  await end(1);
}

// ESM packages cannot be resolved by require(); read where the package says its door is.
function resolveModule(name) {
  const root = path.join(installed, 'node_modules', name);
  const door = JSON.parse(fs.readFileSync(path.join(root, 'package.json'))).exports['.'];
  return path.join(root, door.import ?? door.default ?? door);
}

const { AtpAgent, RichText } = await import(pathToFileURL(resolveModuleOrCjs('@atproto/api')));
function resolveModuleOrCjs(name) {
  try {
    return resolveModule(name);
  } catch {
    return modules.resolve(name);
  }
}

// ---- the data server's door: stop, start, faults

const door = network.pds.server.server;
let stopped = false;
const expiredBefore = new Map(); // DID → unix seconds: access tokens issued before count as expired
let faults = []; // {nsid, times, status, error, message, headers, mode: before | after, delay_ms}

const claims = (request) => {
  try {
    return JSON.parse(Buffer.from(request.headers.authorization.split(' ')[1].split('.')[1], 'base64url'));
  } catch {
    return null;
  }
};
const refuse = (response, status, error, message, headers = {}) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error, message }));
};

const handlers = door.listeners('request');
door.removeAllListeners('request');
door.on('request', (request, response) => {
  const nsid = new URL(request.url, 'http://x').pathname.replace('/xrpc/', '');
  const go = () => {
    for (const handler of handlers) handler.call(door, request, response);
  };
  const token = claims(request);
  if (token?.scope !== 'com.atproto.refresh' && token?.iat < (expiredBefore.get(token?.sub) ?? 0)) {
    request.resume();
    return refuse(response, 400, 'ExpiredToken', 'Token has expired'); // the data server's own words
  }
  const fault = faults.find(
    (each) => (each.nsid === nsid || each.nsid === '*') && (!each.did || each.did === token?.sub),
  );
  if (!fault) return go();
  if (--fault.times <= 0) faults = faults.filter((each) => each !== fault);
  if (fault.mode === 'after') {
    // done, but the answer is lost
    response.write = () => true;
    response.writeHead = () => response;
    response.end = () => {
      request.socket.destroy();
      return response;
    };
    return go();
  }
  if (fault.mode === 'delay') return setTimeout(go, fault.delay_ms ?? 1_000);
  if (fault.mode === 'drop') return request.socket.destroy();
  request.resume();
  refuse(
    response,
    fault.status ?? 500,
    fault.error ?? 'InternalServerError',
    fault.message ?? 'made up by a test',
    fault.headers,
  );
});

// ---- accounts

const accounts = new Map(); // handle → {agent, did, handle, password}
const account = (handle) => {
  const found = accounts.get(handle);
  if (!found) throw Object.assign(new Error(`no such account: ${handle}`), { status: 404 });
  return found;
};
const appview = new AtpAgent({ service: network.bsky.url });
let names = 0;

const postRef = async (uri) => {
  // {uri, cid} from the data server, which knows it at once
  const [, , did, collection, rkey] = uri.split('/');
  const { data } = await network.pds.getAgent().com.atproto.repo.getRecord({ repo: did, collection, rkey });
  return { uri: data.uri, cid: data.cid, record: data.value };
};

async function makeRecord(agent, body) {
  const text = new RichText({ text: body.text ?? '' });
  await text.detectFacets(agent);
  const record = {
    $type: 'app.bsky.feed.post',
    text: text.text,
    createdAt: body.createdAt ?? new Date().toISOString(),
    langs: body.langs ?? ['ja'],
  };
  if (text.facets?.length) record.facets = text.facets;
  if (body.reply_to) {
    const parent = await postRef(body.reply_to);
    record.reply = {
      root: parent.record.reply?.root ?? { uri: parent.uri, cid: parent.cid },
      parent: { uri: parent.uri, cid: parent.cid },
    };
  }
  if (body.quote) {
    const { uri, cid } = await postRef(body.quote);
    record.embed = { $type: 'app.bsky.embed.record', record: { uri, cid } };
  }
  if (body.image_base64) {
    const { data } = await agent.uploadBlob(Buffer.from(body.image_base64, 'base64'), {
      encoding: body.image_type ?? 'image/png',
    });
    record.embed = { $type: 'app.bsky.embed.images', images: [{ image: data.blob, alt: body.alt ?? '' }] };
  }
  return { ...record, ...body.record };
}

// ---- the control API: POST /NAME with a JSON object, a JSON object back

const actions = {
  state: async () => urls(),
  'create-account': async (body) => {
    const handle = body.handle ?? `${body.prefix ?? 'user'}${++names}.test`;
    const agent = network.pds.getAgent();
    const password = body.password ?? `password-${handle}`;
    const { data } = await agent.createAccount({
      handle,
      email: `${handle.split('.')[0]}@example.com`,
      password,
    });
    const app = await agent.com.atproto.server.createAppPassword({ name: 'kikimimi' });
    if (body.name || body.description) {
      await agent.com.atproto.repo.putRecord({
        repo: data.did,
        collection: 'app.bsky.actor.profile',
        rkey: 'self',
        record: {
          $type: 'app.bsky.actor.profile',
          displayName: body.name ?? '',
          description: body.description ?? '',
        },
      });
    }
    accounts.set(handle, { agent, did: data.did, handle, password });
    return { did: data.did, handle, password, app_password: app.data.password };
  },
  post: async (body) => {
    const { agent, did } = account(body.handle);
    const { data } = await agent.com.atproto.repo.createRecord({
      repo: did,
      collection: 'app.bsky.feed.post',
      rkey: body.rkey,
      record: await makeRecord(agent, body),
    });
    return { uri: data.uri, cid: data.cid };
  },
  edit: async (body) => {
    // another record under the same key
    const { agent, did } = account(body.handle);
    const { data } = await agent.com.atproto.repo.putRecord({
      repo: did,
      collection: 'app.bsky.feed.post',
      rkey: body.uri.split('/').pop(),
      record: await makeRecord(agent, body),
    });
    return { uri: data.uri, cid: data.cid };
  },
  delete: async (body) => {
    const [, , did, collection, rkey] = body.uri.split('/');
    await account(body.handle).agent.com.atproto.repo.deleteRecord({ repo: did, collection, rkey });
    return {};
  },
  like: async (body) => {
    const { uri, cid } = await postRef(body.uri);
    return await account(body.handle).agent.like(uri, cid);
  },
  follow: async (body) => await account(body.handle).agent.follow(body.did),
  block: async (body) => {
    const { agent, did } = account(body.handle);
    const { data } = await agent.com.atproto.repo.createRecord({
      repo: did,
      collection: 'app.bsky.graph.block',
      record: { $type: 'app.bsky.graph.block', subject: body.did, createdAt: new Date().toISOString() },
    });
    return { uri: data.uri };
  },
  'delete-account': async (body) => {
    const { did } = account(body.handle);
    await network.pds
      .getAgent()
      .com.atproto.admin.deleteAccount(
        { did },
        { headers: network.pds.adminAuthHeaders(), encoding: 'application/json' },
      );
    accounts.delete(body.handle);
    return {};
  },
  // What the world sees, through the AppView, without an account.
  thread: async (body) =>
    (await appview.app.bsky.feed.getPostThread({ uri: body.uri, depth: body.depth ?? 10, parentHeight: 80 }))
      .data,
  posts: async (body) => (await appview.app.bsky.feed.getPosts({ uris: body.uris })).data,
  likes: async (body) => (await appview.app.bsky.feed.getLikes({ uri: body.uri })).data,
  reposts: async (body) => (await appview.app.bsky.feed.getRepostedBy({ uri: body.uri })).data,
  profile: async (body) => (await appview.app.bsky.actor.getProfile({ actor: body.actor })).data,
  // What the data server holds, without the AppView's delay.
  records: async (body) => {
    const repo = body.did ?? account(body.handle).did;
    return (
      await network.pds.getAgent().com.atproto.repo.listRecords({
        repo,
        collection: body.collection ?? 'app.bsky.feed.post',
        limit: 100,
      })
    ).data;
  },
  notifications: async (body) => (await account(body.handle).agent.listNotifications({ limit: 50 })).data,
  // Waits until the AppView has seen everything posted so far.
  'process-all': async () => {
    await network.processAll();
    return {};
  },
  'stop-pds': async () => {
    if (!stopped) {
      stopped = true;
      await new Promise((resolve) => {
        door.close(resolve);
        for (const socket of connections.get(door)) socket.destroy();
      });
    }
    return {};
  },
  'start-pds': async () => {
    if (stopped) {
      await new Promise((resolve, reject) => door.once('error', reject).listen(network.pds.port, resolve));
      stopped = false;
    }
    return {};
  },
  // Access tokens issued until now answer ExpiredToken; refreshing works.
  'expire-sessions': async (body) => {
    // Tokens count whole seconds: at the beginning of the next one, everything issued before it is old.
    const now_s = Math.floor(Date.now() / 1000) + 1;
    await new Promise((resolve) => setTimeout(resolve, now_s * 1000 - Date.now()));
    expiredBefore.set(body.did ?? account(body.handle).did, now_s);
    return {};
  },
  // The app password and every session made with it are gone: a person must act.
  'revoke-app-password': async (body) => {
    const { agent } = account(body.handle);
    await agent.com.atproto.server.revokeAppPassword({ name: 'kikimimi' });
    return await actions['expire-sessions'](body);
  },
  // The next calls of a method fail: before (status, error, headers), after (done, answer lost), drop, delay.
  fail: async (body) => {
    faults.push({ nsid: '*', times: 1, mode: 'before', ...body });
    return {};
  },
  heal: async () => {
    faults = [];
    return {};
  },
  shutdown: async () => {
    setTimeout(() => end(0), 50);
    return {};
  },
};

const control = http.createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  const reply = (status, value) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  };
  const action = actions[new URL(request.url, 'http://x').pathname.slice(1)];
  if (!action) return reply(404, { error: `no such action; there are: ${Object.keys(actions).join(', ')}` });
  try {
    reply(200, (await action(text ? JSON.parse(text) : {})) ?? {});
  } catch (error) {
    reply(error.status >= 400 && error.status < 600 ? error.status : 500, { error: error.message });
  }
});
await new Promise((resolve) => control.listen(0, resolve));

function urls() {
  const pds = `http://localhost:${network.pds.port}`;
  return {
    pds,
    appview: `http://localhost:${network.bsky.port}`,
    plc: `http://localhost:${network.plc.port}`,
    firehose: `ws://localhost:${network.pds.port}/xrpc/com.atproto.sync.subscribeRepos`,
    control: `http://127.0.0.1:${control.address().port}`,
    pid: process.pid,
  };
}
process.stdout.write(JSON.stringify(urls()) + '\n');
