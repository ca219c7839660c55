// An X with memory, held to X's own description from both sides (README.md).
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import formats from 'ajv-formats';
import { OpenAPIBackend } from 'openapi-backend';

const specs = fileURLToPath(new URL('../../../../shared/specs/x/', import.meta.url));
export const specs_are_here = existsSync(`${specs}openapi-2.166.json`);

const encode = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const older_names = [
  [/_tweet_ids"/g, '_post_ids"'],
  [/"referenced_tweets"/g, '"referenced_posts"'],
  [/"tweets":/g, '"posts":'],
  [/"tweet_count"/g, '"post_count"'],
];
let last_id = 0n;
const new_id = () => {
  const now = BigInt(Date.now() - 1288834974657) << 22n;
  last_id = now > last_id ? now : last_id + 1n;
  return String(last_id);
};
const problem = (status, title, detail, type = 'about:blank') => ({
  status,
  body: { title, detail, type, status },
});

export class FakeX {
  static async start() {
    const fake = new FakeX();
    fake.users = new Map(); // id -> user
    fake.tokens = new Map(); // access token -> user id
    fake.oauth1 = null; // {consumer_key, consumer_secret, token, token_secret, user_id}
    fake.bearer = 'app-token';
    fake.consumer_secret = 'consumer-secret';
    fake.posts = [];
    fake.messages = [];
    fake.likes = new Set();
    fake.hidden = new Set();
    fake.rules = [];
    fake.webhooks = [];
    fake.subscriptions = [];
    fake.media = new Map();
    fake.streams = new Set();
    fake.calls = []; // "POST /2/tweets"
    fake.violations = [];
    fake.orders = []; // what goes wrong next
    fake.keep_alive = true;
    fake.descriptions = {};
    if (specs_are_here) {
      for (const [spoken, version] of [
        ['tweet', '2.166'],
        ['post', '2.167'],
      ]) {
        const definition = JSON.parse(readFileSync(`${specs}openapi-${version}.json`, 'utf8'));
        fake.descriptions[spoken] = new OpenAPIBackend({
          definition,
          quick: true,
          ajvOpts: { strict: false, allErrors: true },
          customizeAjv: (ajv) => formats.default(ajv),
        });
        await fake.descriptions[spoken].init();
      }
    }
    fake.speak('tweet');
    fake.server = createServer((request, response) => fake.#take(request, response));
    fake.server.keepAliveTimeout = 60_000;
    await new Promise((done) => {
      fake.server.listen(0, '127.0.0.1', done);
    });
    fake.url = `http://127.0.0.1:${fake.server.address().port}`;
    fake.timer = setInterval(() => {
      if (fake.keep_alive) for (const stream of fake.streams) stream.write('\r\n');
    }, 1_000);
    return fake;
  }

  async stop() {
    clearInterval(this.timer);
    this.server.closeAllConnections();
    await new Promise((done) => {
      this.server.close(done);
    });
  }

  // --- what a test does ---
  // In which words it answers: X's of before, or those of its next description.
  speak(words) {
    this.words = words;
    this.description = this.descriptions[words];
  }
  person(username, name = username) {
    const user = {
      id: new_id(),
      username,
      name,
      description: `${name} on X`,
      profile_image_url: 'https://pbs.twimg.com/profile_images/1/example_normal.jpg',
      public_metrics: { followers_count: 12, following_count: 1, tweet_count: 3, listed_count: 0 },
    };
    this.users.set(user.id, user);
    return user;
  }
  // The tokens of a connected account; by OAuth 1.0a.
  pasted_tokens(user) {
    this.oauth1 = {
      consumer_key: 'consumer-key',
      consumer_secret: this.consumer_secret,
      token: 'access-token',
      token_secret: 'token-secret',
      user_id: user.id,
    };
    return {
      consumer_key: 'consumer-key',
      consumer_secret: this.consumer_secret,
      access_token: 'access-token',
      access_token_secret: 'token-secret',
      bearer_token: this.bearer,
    };
  }
  post(user, text, { reply_to, quote } = {}) {
    const parent = this.posts.find((one) => one.id === reply_to);
    const id = new_id();
    const post = { id, author_id: user.id, text, created_at: new Date().toISOString(), lang: 'ja' };
    post.edit_history_tweet_ids = [id];
    post.conversation_id = parent?.conversation_id ?? id;
    const referenced = [];
    if (parent) {
      referenced.push({ type: 'replied_to', id: parent.id });
      post.in_reply_to_user_id = parent.author_id;
    }
    if (quote) referenced.push({ type: 'quoted', id: quote });
    if (referenced.length) post.referenced_tweets = referenced;
    const mentions = [];
    for (const found of text.matchAll(/@(\w{1,15})/g)) {
      const who = [...this.users.values()].find((one) => one.username === found[1]);
      const start = [...text.slice(0, found.index)].length;
      if (who) mentions.push({ start, end: start + found[0].length, username: who.username, id: who.id });
    }
    if (mentions.length) post.entities = { mentions };
    this.posts.push(post);
    const words = (value) => value.match(/[\p{L}\p{N}]+/gu).filter((one) => !/^(OR|is|retweet)$/.test(one));
    const rule = this.rules.find((one) => words(one.value).some((word) => text.includes(word)));
    if (rule) {
      const line = { data: post, includes: this.#includes([post]), matching_rules: [{ id: rule.id }] };
      for (const stream of this.streams) stream.write(`${this.#worded(line)}\r\n`);
    }
    return post;
  }
  message(from, to, text) {
    const ids = [from.id, to.id].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
    const event = {
      id: new_id(),
      event_type: 'MessageCreate',
      text,
      sender_id: from.id,
      dm_conversation_id: ids.join('-'),
      created_at: new Date().toISOString(),
    };
    this.messages.push(event);
    return event;
  }
  next(match, action, times = 1) {
    this.orders.push({ match, action, times });
  }
  stale() {
    this.keep_alive = false;
  }
  cut() {
    for (const stream of this.streams) stream.destroy();
  }
  // As X delivers: the body's bytes signed with the consumer secret.
  async deliver(url, event, { secret = this.consumer_secret } = {}) {
    const body = JSON.stringify(event);
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('base64')}`;
    return fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-twitter-webhooks-signature': signature },
      body,
    });
  }
  mention_event(post, event_type = 'post.mention.create') {
    const event_uuid = String(-BigInt(post.id));
    return { data: { event_uuid, event_type, payload: post, includes: this.#includes([post]) } };
  }
  async challenge(url) {
    const token = randomBytes(12).toString('hex');
    const answer = await fetch(`${url}?crc_token=${token}`);
    const wanted = `sha256=${createHmac('sha256', this.consumer_secret).update(token).digest('base64')}`;
    return answer.status === 200 && (await answer.json()).response_token === wanted;
  }

  // --- what X does ---
  #includes(posts) {
    const referenced = posts.flatMap((one) => (one.referenced_tweets ?? []).map((other) => other.id));
    const tweets = this.posts.filter((one) => referenced.includes(one.id));
    const ids = new Set([...posts, ...tweets].map((one) => one.author_id));
    const includes = { users: [...this.users.values()].filter((one) => ids.has(one.id)) };
    if (tweets.length) includes.tweets = tweets;
    return includes;
  }
  #worded(body) {
    let text = JSON.stringify(body);
    if (this.words === 'post') for (const [from, to] of older_names) text = text.replace(from, to);
    return text;
  }
  // Who asks? A user's id, 'app', or nothing.
  #who(request, url) {
    const header = request.headers.authorization ?? '';
    if (header === `Bearer ${this.bearer}`) return 'app';
    if (header.startsWith('Bearer ')) return this.tokens.get(header.slice(7));
    if (!header.startsWith('OAuth ') || !this.oauth1) return undefined;
    const given = Object.fromEntries(
      [...header.slice(6).matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, decodeURIComponent(value)]),
    );
    const { oauth_signature: signature, ...rest } = given;
    const pairs = [...Object.entries(rest), ...url.searchParams].map(([k, v]) => [encode(k), encode(v)]);
    pairs.sort((a, b) => (a[0] === b[0] ? (a[1] < b[1] ? -1 : 1) : a[0] < b[0] ? -1 : 1));
    const joined = pairs.map((pair) => pair.join('=')).join('&');
    const base = [request.method, encode(this.url + url.pathname), encode(joined)].join('&');
    const key = `${encode(this.oauth1.consumer_secret)}&${encode(this.oauth1.token_secret)}`;
    const right = createHmac('sha1', key).update(base).digest('base64') === signature;
    const known = given.oauth_token === this.oauth1.token && given.oauth_consumer_key === this.oauth1.consumer_key;
    return right && known ? this.oauth1.user_id : undefined;
  }

  #take(request, response) {
    const pieces = [];
    request.on('error', () => {});
    request.on('data', (bytes) => pieces.push(bytes));
    request.on('end', () => {
      const url = new URL(request.url, this.url);
      const call = `${request.method} ${url.pathname}`;
      this.calls.push(call);
      const order = this.orders.find((one) => one.match.test(call));
      if (order && --order.times === 0) this.orders.splice(this.orders.indexOf(order), 1);
      if (order?.action === 'drop') return void request.socket.destroy();
      const who = this.#who(request, url);
      const text = Buffer.concat(pieces).toString('latin1');
      const json = /json/.test(request.headers['content-type'] ?? '');
      const body = json && text ? JSON.parse(Buffer.concat(pieces).toString('utf8')) : text;
      if (order?.action?.status) return void this.#answer(response, order.action);
      if (!who) return void this.#answer(response, problem(401, 'Unauthorized', 'Unauthorized'));
      const operation = this.#check_request(request, url, json && text ? body : undefined);
      if (call === 'GET /2/tweets/search/stream') return void this.#stream(response, who);
      const answer = this.#do(call, url, body, who);
      if (operation && answer.status < 300) this.#check_answer(operation, answer);
      if (order?.action === 'lost') return void request.socket.destroy();
      this.#answer(response, answer);
    });
  }
  #answer(response, { status, body = {}, headers = {} }) {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(this.#worded(body));
  }
  #check_request(request, url, body) {
    if (!this.description) return null;
    const query = {};
    for (const [key, value] of url.searchParams) query[key] = value;
    const asked = { method: request.method, path: url.pathname, query, headers: request.headers, body };
    const operation = this.description.matchOperation(asked);
    if (!operation) {
      this.violations.push(`${request.method} ${url.pathname}: no such operation`);
      return null;
    }
    // The new names are not sent yet, and multipart bodies are looked at by hand.
    if (this.words === 'post' || url.pathname.endsWith('/append')) return operation;
    const { errors } = this.description.validateRequest(asked, operation);
    for (const error of errors ?? [])
      this.violations.push(`request ${operation.operationId}: ${error.instancePath} ${error.message}`);
    return operation;
  }
  #check_answer(operation, answer) {
    const body = JSON.parse(this.#worded(answer.body ?? {}));
    const { errors } = this.description.validateResponse(body, operation, answer.status);
    for (const error of errors ?? [])
      this.violations.push(`answer ${operation.operationId}: ${error.instancePath} ${error.message}`);
  }
  #stream(response, who) {
    if (who !== 'app') return this.#answer(response, problem(403, 'Forbidden', 'app only'));
    if (!this.rules.length) return this.#answer(response, problem(409, 'RuleConfigurationIssue', 'no rules'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('\r\n');
    this.streams.add(response);
    response.on('close', () => this.streams.delete(response));
  }
  #page(all, url, extra) {
    const since = url.searchParams.get('since_id');
    let list = since ? all.filter((one) => BigInt(one.id) > BigInt(since)) : all;
    list = [...list].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1));
    const from = Number(url.searchParams.get('pagination_token')?.replace(/\D/g, '') ?? 0);
    const count = Number(url.searchParams.get('max_results') ?? 10);
    const data = list.slice(from, from + count);
    if (!data.length) return { status: 200, body: { meta: { result_count: 0 } } };
    const meta = { result_count: data.length };
    if (from + count < list.length) meta.next_token = `n${from + count}`.padEnd(36, 'x');
    return { status: 200, body: { data, includes: extra(data), meta } };
  }

  #do(call, url, body, who) {
    const path = url.pathname;
    const user = this.users.get(who);
    const done = (data, status = 200) => ({ status, body: { data } });
    const part = (index) => path.split('/')[index];
    if (call === 'GET /2/users/me') return done(user);
    if (/^GET \/2\/users\/\d+\/mentions$/.test(call)) {
      const names = (one) => one.entities?.mentions?.some((mention) => mention.id === part(3));
      return this.#page(this.posts.filter(names), url, (data) => this.#includes(data));
    }
    if (/^GET \/2\/users\/\d+\/tweets$/.test(call))
      return this.#page(
        this.posts.filter((one) => one.author_id === part(3)),
        url,
        (data) => this.#includes(data),
      );
    if (/^GET \/2\/users\/\d+$/.test(call)) return done(this.users.get(part(3)));
    if (call === 'GET /2/tweets/search/recent') {
      const words = url.searchParams.get('query').match(/[\p{L}\p{N}]+/gu);
      const found = this.posts.filter((one) => words.some((word) => word.length > 2 && one.text.includes(word)));
      return this.#page(found, url, (data) => this.#includes(data));
    }
    if (/^GET \/2\/tweets\/\d+$/.test(call)) {
      const post = this.posts.find((one) => one.id === part(3));
      if (!post) return problem(404, 'Not Found', 'gone', 'https://api.x.com/2/problems/resource-not-found');
      return { status: 200, body: { data: post, includes: this.#includes([post]) } };
    }
    if (call === 'GET /2/dm_events' || /^GET \/2\/dm_conversations\/with\/\d+\/dm_events$/.test(call)) {
      const mine = this.messages.filter(
        (one) =>
          one.dm_conversation_id.split('-').includes(who) &&
          (part(3) !== 'with' || one.dm_conversation_id.split('-').includes(part(4))),
      );
      return this.#page(mine, url, (data) => ({ users: data.map((one) => this.users.get(one.sender_id)) }));
    }
    if (call === 'POST /2/tweets') return this.#reply(body, user);
    if (/^DELETE \/2\/tweets\/\d+$/.test(call)) {
      this.posts = this.posts.filter((one) => one.id !== part(3));
      return done({ deleted: true });
    }
    if (/^POST \/2\/dm_conversations\/with\/\d+\/messages$/.test(call)) {
      const event = this.message(user, this.users.get(part(4)), body.text);
      return done({ dm_conversation_id: event.dm_conversation_id, dm_event_id: event.id }, 201);
    }
    if (/^PUT \/2\/tweets\/\d+\/hidden$/.test(call)) {
      if (body.hidden) this.hidden.add(part(3));
      else this.hidden.delete(part(3));
      return done({ hidden: body.hidden });
    }
    if (/^POST \/2\/users\/\d+\/likes$/.test(call)) {
      this.likes.add(body.tweet_id);
      return done({ liked: true });
    }
    if (/^DELETE \/2\/users\/\d+\/likes\/\d+$/.test(call)) {
      this.likes.delete(part(5));
      return done({ liked: false });
    }
    if (path === '/2/tweets/search/stream/rules') return this.#rules(call, body);
    if (path.startsWith('/2/media/')) return this.#media(call, path, body);
    if (path === '/2/webhooks') {
      if (call.startsWith('GET')) return { status: 200, body: this.webhooks.length ? { data: this.webhooks } : {} };
      const hook = { id: new_id(), url: body.url, valid: true, created_at: new Date().toISOString() };
      this.webhooks.push(hook);
      return { status: 200, body: hook };
    }
    if (path === '/2/activity/subscriptions') {
      if (call.startsWith('GET')) return done(this.subscriptions);
      const now = new Date().toISOString();
      const subscription = { ...body, subscription_id: new_id(), created_at: now, updated_at: now };
      this.subscriptions.push(subscription);
      return done({ subscription });
    }
    return problem(404, 'Not Found', call);
  }
  #reply(body, user) {
    const parent = this.posts.find((one) => one.id === body.reply?.in_reply_to_tweet_id);
    if (body.reply && !parent) return problem(400, 'Invalid Request', 'no such post');
    const named = parent?.entities?.mentions?.some((mention) => mention.id === user.id);
    if (parent && !named && parent.author_id !== user.id)
      return problem(
        403,
        'Forbidden',
        'You can only reply to or quote posts where you are mentioned or are the author.',
      );
    const same = this.posts.some((one) => one.author_id === user.id && one.text === body.text);
    if (same) return problem(403, 'Forbidden', 'You are not allowed to create a Tweet with duplicate content.');
    const post = this.post(user, body.text, { reply_to: parent?.id });
    if (body.media) this.attached = { post: post.id, media_ids: body.media.media_ids };
    return {
      status: 201,
      body: { data: { id: post.id, text: post.text, edit_history_tweet_ids: [post.id] } },
    };
  }
  #rules(call, body) {
    const sent = new Date().toISOString();
    if (call.startsWith('GET'))
      return { status: 200, body: { ...(this.rules.length && { data: this.rules }), meta: { sent } } };
    const created = (body.add ?? []).map((one) => ({ id: new_id(), value: one.value, tag: one.tag }));
    this.rules.push(...created);
    const ids = body.delete?.ids ?? [];
    this.rules = this.rules.filter((one) => !ids.includes(one.id));
    return { status: 200, body: { ...(created.length && { data: created }), meta: { sent } } };
  }
  #media(call, path, body) {
    const id = path.split('/')[4];
    const answer = (data) => ({ status: 200, body: { data, meta: {} } });
    if (path.endsWith('/initialize')) {
      const made = new_id();
      this.media.set(made, { total: body.total_bytes, bytes: 0, done: false });
      return answer({ id: made, expires_after_secs: 86_400 });
    }
    if (path.endsWith('/append')) {
      const match = body.match(/name="media"[^]*?\r\n\r\n([^]*)\r\n--/);
      this.media.get(id).bytes += match[1].length;
      return answer({ expires_at: Math.floor(Date.now() / 1000) + 86_400 });
    }
    if (path.endsWith('/finalize')) {
      this.media.get(id).done = true;
      return answer({ id, size: this.media.get(id).bytes });
    }
    return answer({ id });
  }
}
