// An X with memory, held to X's own description from both sides (README.md).
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import formats from 'ajv-formats';
import { OpenAPIBackend } from 'openapi-backend';
import { SignIn, signed_parts } from './sign_in.mjs';

const specs = fileURLToPath(new URL('../../../../shared/specs/x/', import.meta.url));
export const specs_are_here = existsSync(`${specs}openapi-2.166.json`);

const older_names = [
  [/_tweet_ids"/g, '_post_ids"'],
  [/"referenced_tweets"/g, '"referenced_posts"'],
  [/"tweets":/g, '"posts":'],
  [/"tweet_count"/g, '"post_count"'],
];
let last_id = 0n;
const new_id = (at_ms = Date.now()) => {
  const now = BigInt(at_ms - 1288834974657) << 22n;
  last_id = now > last_id ? now : last_id + 1n;
  return String(last_id);
};
const problem = (status, title, detail, type = 'about:blank') => ({
  status,
  body: { title, detail, type, status },
});

// On X's page of events, not yet in its description.
const events_of_the_page = ['post.reply.create', 'post.quote.create'];
const too_many_connections = {
  status: 429,
  body: {
    title: 'ConnectionException',
    detail: 'This stream is currently at the maximum allowed connection limit.',
    connection_issue: 'TooManyConnections',
    type: 'https://api.x.com/2/problems/streaming-connection',
  },
};

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
    fake.streams = new Set(); // open filtered streams
    fake.activity = new Set(); // open activity streams
    fake.refused_events = new Set(); // that this app may not subscribe to
    fake.webhook_events = []; // owed to webhooks; taken by who delivers them
    fake.skew_ms = 0; // of its clock
    fake.random_fault = null; // (call) -> an action as of next(), or nothing
    fake.calls = []; // "POST /2/tweets"
    fake.violations = [];
    fake.orders = []; // what goes wrong next
    fake.sign_in = new SignIn();
    fake.silent = new Set(); // streams that look open and bring nothing
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
      for (const stream of [...fake.streams, ...fake.activity]) fake.#send(stream, '');
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

  now() {
    return Date.now() + this.skew_ms;
  }
  #new_id() {
    return new_id(this.now());
  }

  // --- what a test does ---
  // In which words it answers: X's of before, or those of its next description.
  speak(words) {
    this.words = words;
    this.description = this.descriptions[words];
  }
  person(username, name = username) {
    const user = {
      id: this.#new_id(),
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
    const id = this.#new_id();
    const created_at = new Date(this.now()).toISOString();
    const post = { id, author_id: user.id, text, created_at, lang: 'ja' };
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
    // The names that an answer inherits are hidden.
    const inherited = parent && text.match(/^(@\w+ )+/);
    if (inherited) post.display_text_range = [[...inherited[0]].length, [...text].length];
    this.posts.push(post);
    const words = (value) => value.match(/[\p{L}\p{N}]+/gu).filter((one) => !/^(OR|is|retweet)$/.test(one));
    const rule = this.rules.find((one) => words(one.value).some((word) => text.includes(word)));
    if (rule) {
      const line = { data: post, includes: this.#includes([post]), matching_rules: [{ id: rule.id }] };
      for (const stream of this.streams) this.#send(stream, this.#worded(line));
    }
    const includes = this.#includes([post]);
    this.#tell('post.create', user.id, post, includes);
    for (const mention of mentions) this.#tell('post.mention.create', mention.id, post, includes);
    if (parent) this.#tell('post.reply.create', parent.author_id, post, includes);
    return post;
  }
  // Everybody sees that it is gone; its author's subscribers are told.
  delete_post(post) {
    this.posts = this.posts.filter((one) => one.id !== post.id);
    this.#tell('post.delete', post.author_id, { id: post.id, author_id: post.author_id });
  }
  edit(post, text) {
    const version = { ...post, id: this.#new_id(), text };
    version.edit_history_tweet_ids = [...post.edit_history_tweet_ids, version.id];
    post.edit_history_tweet_ids = version.edit_history_tweet_ids;
    this.posts.push(version);
    return version;
  }
  // Encrypted: X tells that it is there, and no more.
  chat(from, to) {
    const payload = {
      id: this.#new_id(),
      sender_id: from.id,
      conversation_id: `${from.id}-${to.id}`,
      created_at_msec: String(this.now()),
    };
    this.#tell('chat.received', to.id, payload);
    return payload;
  }
  message(from, to, text) {
    const ids = [from.id, to.id].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
    const event = {
      id: this.#new_id(),
      event_type: 'MessageCreate',
      text,
      sender_id: from.id,
      dm_conversation_id: ids.join('-'),
      created_at: new Date(this.now()).toISOString(),
    };
    this.messages.push(event);
    const legacy = {
      type: 'message_create',
      id: event.id,
      created_timestamp: String(this.now()),
      message_create: {
        target: { recipient_id: to.id },
        sender_id: from.id,
        message_data: { text, entities: { hashtags: [], symbols: [], user_mentions: [], urls: [] } },
      },
    };
    const payload = {
      direct_message_events: [legacy],
      users: { [from.id]: { data: from }, [to.id]: { data: to } },
    };
    this.#tell('dm.received', to.id, payload);
    this.#tell('dm.sent', from.id, payload);
    return event;
  }
  #send(stream, line) {
    if (!this.silent.has(stream)) stream.write(`${line}\r\n`);
  }
  // An event of the X Activity API to whoever subscribed: by the app's stream, and owed to its webhook.
  #tell(event_type, user_id, payload, includes) {
    const subscription = this.subscriptions.find(
      (one) => one.event_type === event_type && one.filter.user_id === user_id,
    );
    if (!subscription) return;
    const data = { event_uuid: this.#new_id(), filter: { user_id }, event_type, tag: subscription.tag, payload };
    if (includes) data.includes = includes;
    this.#check_event({ data });
    for (const stream of this.activity) this.#send(stream, this.#worded({ data }));
    if (subscription.webhook_id) this.webhook_events.push({ data });
  }
  next(match, action, times = 1) {
    this.orders.push({ match, action, times });
  }
  stale() {
    for (const stream of [...this.streams, ...this.activity]) this.silent.add(stream);
  }
  cut() {
    for (const stream of [...this.streams, ...this.activity]) stream.destroy();
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
    const given = signed_parts(this, request, url, this.oauth1);
    const known = given?.oauth_token === this.oauth1.token && given.oauth_consumer_key === this.oauth1.consumer_key;
    return known ? this.oauth1.user_id : undefined;
  }

  #take(request, response) {
    const pieces = [];
    request.on('error', () => {});
    request.on('data', (bytes) => pieces.push(bytes));
    request.on('end', async () => {
      const url = new URL(request.url, this.url);
      const call = `${request.method} ${url.pathname}`;
      this.calls.push(call);
      let order = this.orders.find((one) => one.match.test(call));
      if (order && --order.times === 0) this.orders.splice(this.orders.indexOf(order), 1);
      order ??= this.random_fault && { action: this.random_fault(call) };
      if (order?.action === 'drop') return void request.socket.destroy();
      const who = this.#who(request, url);
      const text = Buffer.concat(pieces).toString('latin1');
      const json = /json/.test(request.headers['content-type'] ?? '');
      const body = json && text ? JSON.parse(Buffer.concat(pieces).toString('utf8')) : text;
      if (order?.action?.status) return void this.#answer(response, order.action);
      const signing_in = this.sign_in.answer(this, call, request, url, text);
      if (signing_in) return void this.#answer(response, signing_in);
      if (!who) return void this.#answer(response, problem(401, 'Unauthorized', 'Unauthorized'));
      const operation = this.#check_request(request, url, json && text ? body : undefined);
      if (call === 'GET /2/tweets/search/stream') return void this.#stream(response, who, this.streams);
      if (call === 'GET /2/activity/stream') return void this.#stream(response, who, this.activity);
      const answer = await this.#do(call, url, body, who);
      if (operation && answer.status < 300) this.#check_answer(operation, answer);
      if (order?.action === 'lost') return void request.socket.destroy();
      if (order?.action === 'done_503') return void this.#answer(response, { status: 503 });
      this.#answer(response, answer);
    });
  }
  #answer(response, { status, body = {}, headers = {}, text }) {
    const date = new Date(this.now()).toUTCString();
    response.writeHead(status, { 'content-type': 'application/json', date, ...headers });
    response.end(text ?? this.#worded(body));
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
    if (events_of_the_page.includes(body?.event_type)) return operation;
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
  // The envelope; a post in it as a post, for the description cannot tell its kinds of payload apart.
  #check_event(event) {
    if (!this.description) return;
    const { payload, event_type } = event.data;
    const operation = this.description.getOperation('activityStream');
    this.#check_answer(operation, { status: 200, body: { data: { ...event.data, payload: undefined } } });
    if (!event_type.startsWith('post.') || event_type === 'post.delete') return;
    this.#check_answer(this.description.getOperation('getPostsById'), { status: 200, body: { data: payload } });
  }
  #stream(response, who, open) {
    if (who !== 'app') return this.#answer(response, problem(403, 'Forbidden', 'app only'));
    if (open === this.activity && open.size > 0) return this.#answer(response, too_many_connections);
    if (open === this.streams && !this.rules.length)
      return this.#answer(response, problem(409, 'RuleConfigurationIssue', 'no rules'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('\r\n');
    open.add(response);
    response.on('close', () => {
      open.delete(response);
      this.silent.delete(response);
    });
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

  async #do(call, url, body, who) {
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
    if (path.startsWith('/2/webhooks')) return this.#webhook(call, path, body);
    if (path.startsWith('/2/activity/subscriptions')) return this.#subscription(call, path, body);
    return problem(404, 'Not Found', call);
  }
  // X asks at once whether the address is ours.
  async #webhook(call, path, body) {
    if (call.startsWith('GET'))
      return { status: 200, body: this.webhooks.length ? { data: this.webhooks } : {} };
    const known = this.webhooks.find((one) => one.id === path.split('/')[3]);
    if (call.startsWith('DELETE')) {
      this.webhooks = this.webhooks.filter((one) => one !== known);
      return { status: 200, body: { data: { deleted: true } } };
    }
    const url = known?.url ?? body.url;
    if (!(await this.challenge(url).catch(() => false)))
      return problem(400, 'CrcValidationFailed', 'The challenge was not answered.');
    const hook = known ?? { id: this.#new_id(), url, created_at: new Date(this.now()).toISOString() };
    hook.valid = true;
    if (known) return { status: 200, body: { data: { attempted: true } } };
    this.webhooks.push(hook);
    return { status: 200, body: hook };
  }
  #subscription(call, path, body) {
    const done = (data) => ({ status: 200, body: { data } });
    if (call.startsWith('GET')) return done(this.subscriptions);
    const updated_at = new Date(this.now()).toISOString();
    if (call.startsWith('DELETE')) {
      const id = path.split('/')[4];
      if (!this.subscriptions.some((one) => one.subscription_id === id))
        return problem(404, 'Not Found', 'No such subscription.');
      this.subscriptions = this.subscriptions.filter((one) => one.subscription_id !== id);
      return {
        status: 200,
        body: { data: { deleted: true }, meta: { total_subscriptions: this.subscriptions.length } },
      };
    }
    if (call.startsWith('PUT')) {
      const subscription = this.subscriptions.find((one) => one.subscription_id === path.split('/')[4]);
      Object.assign(subscription, body, { updated_at });
      return done({ subscription });
    }
    const { event_type, filter } = body;
    if (this.refused_events.has(event_type)) return problem(403, 'Forbidden', 'Not in your access level.');
    const same = (one) => one.event_type === event_type && one.filter.user_id === filter.user_id;
    if (this.subscriptions.some(same)) return problem(409, 'DuplicateSubscriptionFailed', 'It is there.');
    const subscription = { ...body, subscription_id: this.#new_id(), created_at: updated_at, updated_at };
    this.subscriptions.push(subscription);
    return done({ subscription });
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
    const created = (body.add ?? []).map((one) => ({ id: this.#new_id(), value: one.value, tag: one.tag }));
    this.rules.push(...created);
    const ids = body.delete?.ids ?? [];
    this.rules = this.rules.filter((one) => !ids.includes(one.id));
    return { status: 200, body: { ...(created.length && { data: created }), meta: { sent } } };
  }
  #media(call, path, body) {
    const id = path.split('/')[4];
    const answer = (data) => ({ status: 200, body: { data, meta: {} } });
    if (path.endsWith('/initialize')) {
      const made = this.#new_id();
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
