// One person's (or one program's) way to the API: keeps the session cookie and the CSRF token, or a bearer token.
import { Live } from './live.mjs';
import { until } from './wait.mjs';

export class ApiError extends Error {
  constructor(method, path, status, problem) {
    super(`${method} ${path}: ${status} ${JSON.stringify(problem)}`);
    this.status = status;
    this.problem = problem;
    this.code = problem?.code;
  }
}

export class Client {
  constructor(url, { token } = {}) {
    this.url = url;
    this.token = token;
    this.cookie = '';
    this.csrf = '';
    this.workspace = null;
  }

  // The answer as it is: {status, headers, body (parsed when JSON), text}.
  async send(method, path, body, { headers = {}, raw = false, signal } = {}) {
    const all = { accept: 'application/json', ...headers };
    if (this.token) all.authorization = `Bearer ${this.token}`;
    if (this.cookie) all.cookie = this.cookie;
    if (this.csrf && !['GET', 'HEAD'].includes(method)) all['x-csrf-token'] = this.csrf;
    let payload = body;
    if (body !== undefined && !raw) {
      all['content-type'] ??= 'application/json';
      payload = JSON.stringify(body);
    }
    const answer = await fetch(this.url + path, {
      method,
      headers: all,
      body: payload,
      redirect: 'manual',
      signal: signal ?? AbortSignal.timeout(60_000),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair] = line.split(';');
      if (pair.startsWith('kiki_session=')) this.cookie = pair === 'kiki_session=' ? '' : pair;
    }
    const bytes = Buffer.from(await answer.arrayBuffer());
    const type = answer.headers.get('content-type') ?? '';
    const text = bytes.toString('utf8');
    let parsed = null;
    if (/json/.test(type)) parsed = JSON.parse(text);
    recorder?.({ method, path, request: body, status: answer.status, type, body: parsed });
    return { status: answer.status, headers: answer.headers, type, text, bytes, body: parsed };
  }

  // The answer's body; throws ApiError on anything but 2xx.
  async ask(method, path, body, options) {
    const answer = await this.send(method, path, body, options);
    if (answer.status < 200 || answer.status > 299) {
      throw new ApiError(method, path, answer.status, answer.body ?? answer.text.slice(0, 500));
    }
    return answer.body;
  }

  api(method, path, body, options) {
    return this.ask(method, `/api/v1${path}`, body, options);
  }
  get(path) {
    return this.api('GET', path);
  }
  post(path, body = {}) {
    return this.api('POST', path, body);
  }

  // Below the client's workspace.
  in(method, path, body, options) {
    return this.api(method, `/workspaces/${this.workspace}${path}`, body, options);
  }

  signed_in(me) {
    this.me = me;
    this.csrf = me.csrf_token;
    this.workspace ??= me.workspaces[0]?.id;
    return this;
  }

  async sign_in(email, password) {
    return this.signed_in(await this.post('/session', { email, password }));
  }

  live(options) {
    return Live.open(this, options);
  }

  async cases(view = 'all') {
    return (await this.in('GET', `/cases?view=${view}&limit=200`)).items;
  }

  // Every case of a view, over all pages.
  async all_cases(view = 'all') {
    const found = [];
    let cursor = null;
    do {
      const page = await this.in(
        'GET',
        `/cases?view=${view}&limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
      );
      found.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor);
    return found;
  }

  async timeline(case_id) {
    return (await this.in('GET', `/cases/${case_id}/timeline?limit=200`)).items;
  }

  // The case whose preview or posts hold the text.
  async case_with(text, options) {
    const look = async () => {
      const found = (await this.cases()).find((row) => row.preview.includes(text));
      return found ?? (await this.all_cases()).find((row) => row.preview.includes(text));
    };
    return until(`a case with "${text}"`, look, options);
  }

  async reply(case_id, text, extra = {}) {
    const detail = await this.in('GET', `/cases/${case_id}`);
    const way = detail.can_reply[0];
    if (!way) throw new Error(`case ${case_id} cannot be answered`);
    return this.in('POST', `/cases/${case_id}/replies`, {
      account_id: way.account_id,
      target_post_id: way.target_post_id,
      text,
      request_id: crypto.randomUUID(),
      ...extra,
    });
  }

  async reply_state(case_id, reply_id) {
    const items = await this.timeline(case_id);
    return items.find((item) => item.type === 'post' && item.reply?.id === reply_id)?.reply;
  }

  async confirmed(case_id, reply_id, options) {
    return until(
      'the reply is confirmed',
      async () => {
        const reply = await this.reply_state(case_id, reply_id);
        if (reply?.state === 'failed') throw new Error(`failed: ${reply.error}`);
        return reply?.state === 'confirmed' && reply;
      },
      options,
    );
  }
}

// The OpenAPI test listens in on everything the journeys say.
let recorder = null;
export function record(listener) {
  recorder = listener;
}
