// A visitor of the web chat without a browser: speaks to the doors of docs/develop/chat-visitors.md as a page would.
import { createHmac, randomBytes } from 'node:crypto';
import { until } from './wait.mjs';

export const png = (size = 1) => {
  // A picture of one colour; its head is all that is read.
  const bytes = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  return size > bytes.length ? Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]) : bytes;
};

// A signed word of the brand's site (RFC 7519), by Node's own hand.
export function identity(secret, claims, header = { alg: 'HS256', typ: 'JWT' }) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${part(header)}.${part(claims)}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}
export const soon = (seconds = 600) => Math.floor(Date.now() / 1000) + seconds;

export class Visitor {
  constructor(
    url,
    key,
    { origin = 'https://shop.example', token = randomBytes(32).toString('base64url') } = {},
  ) {
    Object.assign(this, { url, key, origin, token });
    this.heard = [];
    this.cursor = 0;
    this.headers = {}; // beside those of every page
  }
  async send(method, path, body, { headers = {}, signal } = {}) {
    const raw = body instanceof Uint8Array;
    const answer = await fetch(`${this.url}/chat/${this.key}${path}`, {
      method,
      headers: {
        'x-kikimimi-visitor': this.token,
        ...(this.origin ? { origin: this.origin } : {}),
        ...(this.identity ? { 'x-kikimimi-identity': this.identity } : {}),
        ...(body && !raw ? { 'content-type': 'application/json' } : {}),
        ...this.headers,
        ...headers,
      },
      body: body === undefined ? undefined : raw ? body : JSON.stringify(body),
      signal: signal ?? AbortSignal.timeout(60_000),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const is_json = /json/.test(answer.headers.get('content-type') ?? '');
    return {
      status: answer.status,
      headers: answer.headers,
      bytes,
      body: is_json ? JSON.parse(bytes.toString('utf8')) : null,
    };
  }
  write(text, extra = {}) {
    return this.send('POST', '/messages', { id: randomBytes(9).toString('base64url'), text, ...extra });
  }
  async all() {
    return (await this.send('GET', '/messages')).body.items;
  }
  // Listens from the cursor it has.
  async listen() {
    this.abort = new AbortController();
    const answer = await fetch(`${this.url}/chat/${this.key}/events?after=${this.cursor}`, {
      headers: { 'x-kikimimi-visitor': this.token, origin: this.origin, ...this.headers },
      signal: this.abort.signal,
    });
    if (!answer.ok) throw new Error(`not heard: ${answer.status}`);
    this.hearing = true;
    this.reading = this.#read(answer.body).finally(() => {
      this.hearing = false;
    });
    return this;
  }
  async #read(body) {
    let rest = '';
    try {
      for await (const text of body.pipeThrough(new TextDecoderStream())) {
        rest += text;
        const frames = rest.split('\n\n');
        rest = frames.pop();
        for (const frame of frames) {
          const event = frame.match(/^event: (.*)$/m)?.[1];
          const data = frame.match(/^data: (.*)$/m)?.[1];
          if (!event || !data) continue;
          const value = JSON.parse(data);
          if (event === 'message') this.cursor = value.change;
          this.heard.push({ event, ...value });
        }
      }
    } catch {
      /* closed by us, or the program is gone */
    }
  }
  hears(what, wanted) {
    return until(`the visitor hears ${what}`, () => this.heard.find(wanted), { every_ms: 10 });
  }
  async leave() {
    this.abort?.abort();
    await this.reading;
  }
}

export async function connect_chat(desk, settings = {}) {
  const account = await desk.owner.in('POST', '/accounts', {
    network: 'chat',
    fields: { name: 'Shop chat' },
  });
  const setup = await desk.owner.in('PUT', `/accounts/${account.id}/chat`, {
    origins: ['https://shop.example'],
    ...settings,
  });
  return { account, key: setup.key, setup };
}
// Opening hours: always, or one morning of the week that is not today.
export function hours(open) {
  const tokyo = new Date(Date.now() + 9 * 3_600_000).getUTCDay();
  const week = Array.from({ length: 7 }, (_, day) =>
    day === (tokyo + 3) % 7 ? [{ from: '09:00', to: '10:00' }] : [],
  );
  return {
    calendars: [{ key: 'desk', name: 'Desk', time_zone: 'Asia/Tokyo', always_open: open, week }],
    policies: [{ key: 'default', calendar: 'desk', first_reply: { inside_minutes: 60 } }],
  };
}
