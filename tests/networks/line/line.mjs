// A LINE of our own on loopback: keeps reply tokens (one use, 60 s), retry keys (409), the month's quota, who blocks
// whom, files, and the webhook address; calls the desk as LINE does, again until it is acknowledged. Every request and
// every answer is held to LINE's own description (../shared/specs/line/derived), and what breaks it stands in
// `violations`. It misbehaves when told to: `fail(operation, kind, times)`.
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import add_formats from 'ajv-formats';
import { OpenAPIBackend } from 'openapi-backend';

const specs = new URL('../../../../shared/specs/line/derived/', import.meta.url);
export const missing = existsSync(specs) ? false : `no ${specs.pathname}`;

const bot_id = 'U00000000000000000000000000000000';
const hex = (bytes) => randomBytes(bytes).toString('hex');
export const user_id = () => `U${hex(16)}`;
export const group_id = () => `C${hex(16)}`;
const ulid = () => `01${randomBytes(18).toString('hex').toUpperCase().slice(0, 24)}`;
export const sign = (secret, body) => createHmac('sha256', secret).update(body).digest('base64');

async function described(name) {
  const api = new OpenAPIBackend({
    definition: JSON.parse(readFileSync(new URL(name, specs))),
    quick: true,
    validate: true,
    strict: false,
    customizeAjv: (ajv) => {
      add_formats(ajv);
      ajv.addFormat('^[0-9]{8}$', /^[0-9]{8}$/); // the description has a pattern where a format should be
      return ajv;
    },
  });
  return api;
}

export class Line {
  static async start() {
    const line = new Line();
    line.secret = hex(16);
    line.channel_id = '1573163733';
    line.access_token = `token-${hex(20)}`;
    line.issued = new Map(); // stateless token → until
    line.bot = {
      userId: bot_id,
      basicId: '@123abcde',
      displayName: 'The Brand',
      pictureUrl: 'https://profile.line-scdn.net/brand',
      chatMode: 'bot',
      markAsReadMode: 'auto',
    };
    line.webhook = { endpoint: '', active: true };
    line.quota = { type: 'none' };
    line.used = 0;
    line.profiles = new Map();
    line.members = new Map(); // group → [user]
    line.blocked = new Set();
    line.reply_tokens = new Map(); // token → {to, until, used}
    line.keys = new Map(); // retry key → {request, sent}
    line.files = new Map(); // message id → {body, type, preparing, gone}
    line.chats = new Map(); // who → [{id, way, message, key}]: what stands on the customer's phone
    line.read_tokens = [];
    line.loading = []; // user's ids, as often as the desk said that somebody writes
    line.requests = []; // {operation, status}
    line.violations = [];
    line.faults = new Map();
    line.next_id = 461230966842060000n;
    line.undelivered = [];
    await line.#describe();
    line.server = createServer((request, response) => line.#take(request, response));
    await new Promise((done) => {
      line.server.listen(0, '127.0.0.1', done);
    });
    line.url = `http://127.0.0.1:${line.server.address().port}`;
    return line;
  }

  get settings() {
    return { 'line.api_url': this.url, 'line.data_api_url': this.url, 'line.check_interval_ms': 300 };
  }
  get fields() {
    return { channel_secret: this.secret, access_token: this.access_token };
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => {
      this.server.close(done);
    });
  }

  // kinds: a status; {status, message, headers}; 'reset' (before anything is done), 'reset_after' (done, no answer),
  // 'hang'. For the next `times` calls of the operation.
  fail(operation, kind, times = 1) {
    this.faults.set(operation, { kind, times });
  }
  #fault(operation) {
    const fault = this.faults.get(operation);
    if (!fault || fault.times <= 0) return this.random_fault?.(operation);
    fault.times -= 1;
    return fault.kind;
  }

  texts(to) {
    return (this.chats.get(to) ?? []).map((entry) => entry.message.text).filter((text) => text !== undefined);
  }
  count(operation) {
    return this.requests.filter((request) => request.operation === operation).length;
  }

  // --- what the desk calls

  async #describe() {
    this.api = await described('messaging-api.strict.json');
    this.events = await described('webhook.strict.json');
    const no = (status, message) => ({ status, body: { message } });
    const sent = (to, way, messages, key) => {
      const sentMessages = messages.map((message) => {
        this.next_id += 1n;
        const id = String(this.next_id);
        if (!this.blocked.has(to)) {
          const chat = this.chats.get(to) ?? [];
          chat.push({ id, way, message, key });
          this.chats.set(to, chat);
        }
        return { id, quoteToken: `q${id}` };
      });
      return { sentMessages };
    };
    this.api.register({
      getBotInfo: () => ({ body: this.bot }),
      getWebhookEndpoint: () =>
        this.webhook.endpoint ? { body: this.webhook } : no(404, 'Webhook endpoint not found'),
      setWebhookEndpoint: ({ request }) => {
        this.webhook.endpoint = request.requestBody.endpoint;
        return { body: {} };
      },
      testWebhookEndpoint: async ({ request }) => {
        const endpoint = request.requestBody.endpoint ?? this.webhook.endpoint;
        const status = await this.#post(endpoint, { destination: this.bot.userId, events: [] });
        return {
          body: {
            success: status === 200,
            timestamp: new Date().toISOString(),
            statusCode: status,
            reason: status === 200 ? 'OK' : 'ERROR_STATUS_CODE',
            detail: String(status),
          },
        };
      },
      replyMessage: ({ request }) => {
        if (request.headers['x-line-retry-key']) return no(400, 'The X-Line-Retry-Key header is not supported');
        const token = this.reply_tokens.get(request.requestBody.replyToken);
        if (!token || token.used || Date.now() > token.until) return no(400, 'Invalid reply token');
        token.used = true;
        return { body: sent(token.to, 'reply', request.requestBody.messages) };
      },
      pushMessage: ({ request }) => {
        const key = request.headers['x-line-retry-key'];
        const { to, messages } = request.requestBody;
        const before = key && this.keys.get(key);
        if (before) {
          return {
            status: 409,
            headers: { 'x-line-accepted-request-id': before.request },
            body: { message: 'The retry key is already accepted', sentMessages: before.body.sentMessages },
          };
        }
        const receivers = this.members.get(to)?.length ?? 1;
        if (this.quota.type === 'limited' && this.used + receivers > this.quota.value)
          return no(429, 'You have reached your monthly limit.');
        this.used += receivers;
        const body = sent(to, 'push', messages, key);
        if (key) this.keys.set(key, { request: hex(8), body });
        return { body };
      },
      getMessageQuota: () => ({ body: this.quota }),
      getMessageQuotaConsumption: () => ({ body: { totalUsage: this.used } }),
      getGroupMemberCount: ({ request }) => ({
        body: { count: this.members.get(request.params.groupId)?.length ?? 0 },
      }),
      getProfile: ({ request }) => {
        const profile = this.profiles.get(request.params.userId);
        return profile ? { body: { userId: request.params.userId, ...profile } } : no(404, 'Not found');
      },
      getGroupMemberProfile: ({ request }) => {
        const is_member = this.members.get(request.params.groupId)?.includes(request.params.userId);
        const profile = this.profiles.get(request.params.userId) ?? { displayName: 'Member' };
        const { displayName, pictureUrl } = profile;
        if (!is_member) return no(404, 'Not found');
        return { body: { userId: request.params.userId, displayName, ...(pictureUrl ? { pictureUrl } : {}) } };
      },
      getMessageContent: ({ request }) => {
        const file = this.files.get(request.params.messageId);
        if (!file || file.gone) return no(404, 'Not found');
        if (file.preparing > 0) return { status: 202, body: '' };
        return { bytes: file.body, type: file.type };
      },
      getMessageContentTranscodingByMessageId: ({ request }) => {
        const file = this.files.get(request.params.messageId);
        if (!file) return no(404, 'Not found');
        if (file.preparing > 0) {
          file.preparing -= 1;
          return { body: { status: 'processing' } };
        }
        return { body: { status: 'succeeded' } };
      },
      showLoadingAnimation: ({ request }) => {
        this.loading.push(request.requestBody.chatId);
        return { status: 202, body: {} };
      },
      issueLinkToken: () => ({ body: { linkToken: hex(16) } }),
      markMessagesAsReadByToken: ({ request }) => {
        this.read_tokens.push(request.requestBody.markAsReadToken);
        return { body: {} };
      },
      validationFail: ({ validation, request }) => {
        this.violations.push({ path: request.path, errors: validation.errors });
        return no(400, 'The request body has 1 error(s)');
      },
      notFound: () => no(404, 'Not found'),
      methodNotAllowed: () => no(405, 'Method not allowed'),
    });
    this.api.registerSecurityHandler('Bearer', () => true); // see #take
    await this.api.init();
    await this.events.init();
  }

  #token(form) {
    if (form.get('grant_type') !== 'client_credentials') return { status: 400, body: { error: 'invalid_request' } };
    if (form.get('client_id') !== this.channel_id || form.get('client_secret') !== this.secret)
      return { status: 400, body: { error: 'invalid_client', error_description: 'invalid client_secret' } };
    const token = `stateless-${hex(20)}`;
    this.issued.set(token, Date.now() + 899_000);
    return { body: { token_type: 'Bearer', access_token: token, expires_in: 899 } };
  }

  async #take(request, response) {
    const pieces = [];
    for await (const bytes of request) pieces.push(bytes);
    const raw = Buffer.concat(pieces).toString('utf8');
    const url = new URL(request.url, this.url);
    const call = {
      method: request.method,
      path: url.pathname,
      query: url.search.slice(1),
      headers: request.headers,
      body: raw || undefined,
    };
    let operation = this.api.router.matchOperation(call)?.operationId ?? url.pathname;
    if (url.pathname === '/oauth2/v3/token') operation = 'issueStatelessChannelToken';
    const fault = this.#fault(operation);
    const answer = (status, body, headers = {}) => {
      this.requests.push({ operation, status });
      response.writeHead(status, { 'x-line-request-id': hex(16), ...headers });
      response.end(body);
    };
    if (fault === 'reset') {
      request.socket.destroy();
      return;
    }
    if (fault === 'hang') return;
    if (typeof fault === 'number' || fault?.status) {
      const { status = fault, message = 'Internal Server Error', headers = {} } = fault;
      answer(status, JSON.stringify({ message }), { 'content-type': 'application/json', ...headers });
      return;
    }
    let result;
    if (operation === 'issueStatelessChannelToken') {
      result = this.#token(new URLSearchParams(raw));
    } else {
      const bearer = request.headers.authorization?.replace(/^Bearer /, '');
      if (bearer !== this.access_token && !((this.issued.get(bearer) ?? 0) > Date.now())) {
        answer(401, JSON.stringify({ message: 'Authentication failed. Confirm that the access token is valid.' }), {
          'content-type': 'application/json',
        });
        return;
      }
      result = await this.api.handleRequest(call);
      this.#hold_answer(operation, result);
    }
    if (fault === 'reset_after') {
      this.requests.push({ operation, status: 0 });
      request.socket.destroy();
      return;
    }
    if (result.bytes) answer(200, result.bytes, { 'content-type': result.type });
    else
      answer(result.status ?? 200, JSON.stringify(result.body), {
        'content-type': 'application/json',
        ...result.headers,
      });
  }

  // Our own answers as well: a fake that says what LINE never says proves nothing.
  #hold_answer(operation, result) {
    const status = result.status ?? 200;
    const definition = this.api.router.getOperation(operation);
    if (result.bytes || !definition?.responses?.[status]?.content) return;
    const checked = this.api.validateResponse(result.body, operation, status);
    if (checked?.errors) this.violations.push({ operation, status, errors: checked.errors });
  }

  // --- what LINE brings

  #event(source, rest, again = false) {
    return {
      mode: 'active',
      timestamp: Date.now(),
      source,
      webhookEventId: ulid(),
      deliveryContext: { isRedelivery: again },
      ...rest,
    };
  }
  #reply_token(to) {
    const token = hex(16);
    this.reply_tokens.set(token, { to, until: Date.now() + 60_000, used: false });
    return token;
  }
  #id() {
    this.next_id += 1n;
    return String(this.next_id);
  }

  // `from`: a user's id, or {group, user}.
  message(from, content, extra = {}) {
    const source = from.group
      ? { type: 'group', groupId: from.group, userId: from.user }
      : { type: 'user', userId: from };
    const id = content.id ?? this.#id();
    return this.#event(source, {
      type: 'message',
      replyToken: this.#reply_token(from.group ?? from),
      message: { id, ...content },
      ...extra,
    });
  }
  text(from, text, extra = {}) {
    const { event, ...content } = extra;
    return this.message(from, { type: 'text', text, quoteToken: hex(8), ...content }, event);
  }
  file(from, type, body, content_type, extra = {}) {
    const { preparing = 0, ...content } = extra;
    const id = this.#id();
    this.files.set(id, { body, type: content_type, preparing });
    const shared = type === 'file' ? {} : { contentProvider: { type: 'line' } };
    const quote = ['image', 'video', 'audio'].includes(type) ? { quoteToken: hex(8) } : {};
    return this.message(from, { id, type, ...shared, ...quote, ...content });
  }
  unsend(from, id) {
    this.files.delete(id);
    return this.#event({ type: 'user', userId: from }, { type: 'unsend', unsend: { messageId: id } });
  }
  follow(from) {
    this.blocked.delete(from);
    return this.#event(
      { type: 'user', userId: from },
      { type: 'follow', replyToken: this.#reply_token(from), follow: { isUnblocked: false } },
    );
  }
  unfollow(from) {
    this.blocked.add(from);
    return this.#event({ type: 'user', userId: from }, { type: 'unfollow' });
  }

  // The HTTP status; 0: no answer. `signature` in place of the right one.
  async #post(endpoint, body, signature) {
    const bytes = JSON.stringify(body);
    try {
      const answer = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'x-line-signature': signature ?? sign(this.secret, bytes),
          'user-agent': 'LineBotWebhook/2.0',
        },
        body: bytes,
        redirect: 'manual',
        signal: AbortSignal.timeout(10_000),
      });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return 0;
    }
  }

  // One call with these events. What is not acknowledged waits for redeliver().
  async bring(events, { signature, destination = this.bot.userId } = {}) {
    const body = { destination, events };
    const checked = this.events.validateRequest({
      method: 'POST',
      path: '/callback',
      headers: { 'content-type': 'application/json', 'x-line-signature': 'x' },
      body,
    });
    if (checked?.errors) this.violations.push({ operation: 'callback', errors: checked.errors, body });
    const status = await this.#post(this.webhook.endpoint, body, signature);
    if (status !== 200) this.undelivered.push(...events);
    return status;
  }
  // As "Webhook redelivery" does: the same events, marked, in any order.
  async redeliver(again = this.undelivered.splice(0)) {
    const marked = again
      .map((event) => ({ ...event, deliveryContext: { isRedelivery: true } }))
      .sort(() => Math.random() - 0.5);
    for (let at = 0; at < marked.length; at += 20) await this.bring(marked.slice(at, at + 20));
  }
}
