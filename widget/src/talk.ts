// Speaks with the desk. What is written waits here until the desk has it, under an id of its own, so that it arrives
// once; what comes is read by a cursor, so that a lost connection loses nothing.

export interface FileInfo {
  id: string;
  width: number;
  height: number;
  alt?: string;
}
export interface Message {
  id: string;
  conversation: string;
  seq: number;
  change: number;
  from: 'visitor' | 'desk';
  text: string;
  author: string;
  files: FileInfo[];
  at: string;
  deleted: boolean;
}
export interface Written {
  id: string;
  text: string;
  files: FileInfo[];
  email: string;
  state: 'sending' | 'waiting' | 'refused';
  why?: string;
}
interface Known {
  known: boolean;
  conversation: string; // "" while nobody has written
  read_seq: number;
  email: string;
  more: boolean;
  items: Message[];
}
export interface Ears {
  changed(): void; // messages or what waits
  typing(writing: boolean): void;
  online(is: boolean): void;
  closed(code: string): void; // the desk will not hear this page
}

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly retry_s: number,
  ) {
    super(code);
  }
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
export const random_word = (bytes: number): string =>
  base64url(crypto.getRandomValues(new Uint8Array(bytes)));

interface Kept {
  token: string;
  proven?: boolean;
  unsent?: Written[];
}

export class Talk {
  messages = new Map<string, Message>();
  unsent: Written[] = [];
  read_seq = 0;
  email = '';
  private token = '';
  private is_known = false;
  private conversation = ''; // the one that stands here
  private cursor = 0;
  private readonly store_key: string;
  private listening = false;
  private sending = false;
  private stopped = false;
  private abort = new AbortController();

  constructor(
    private readonly base: string,
    key: string,
    private identity: string,
    private continues: string,
    private readonly language: string,
    private readonly ears: Ears,
  ) {
    this.store_key = `kikimimi.chat.${key}`;
    const kept = this.kept();
    // Somebody was signed in here and is not any more: what they said is not for whoever comes next.
    if (kept?.proven && !identity) this.forget();
    else if (kept) {
      this.token = kept.token;
      this.is_known = true;
      this.unsent = kept.unsent ?? [];
    }
    if (!this.token) this.token = random_word(32);
  }

  private kept(): Kept | null {
    try {
      const kept = JSON.parse(localStorage.getItem(this.store_key) ?? 'null') as Kept | null;
      return kept && /^[\w-]{43}$/.test(kept.token) ? kept : null;
    } catch {
      return null; // no storage on this page: the conversation lives as long as the page
    }
  }
  // The first time they write; with a signed word of the brand at once, for that word belongs to one browser.
  private keep(): void {
    const kept: Kept = { token: this.token, unsent: this.unsent };
    if (this.identity) kept.proven = true;
    try {
      localStorage.setItem(this.store_key, JSON.stringify(kept));
    } catch {
      // As above.
    }
  }
  forget(): void {
    try {
      localStorage.removeItem(this.store_key);
    } catch {
      // As above.
    }
    this.token = random_word(32);
    this.is_known = false;
    this.turn_to('');
    this.unsent = [];
  }

  private async ask(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const raw = body instanceof Blob;
    const headers: Record<string, string> = { 'X-Kikimimi-Visitor': this.token };
    if (this.identity) headers['X-Kikimimi-Identity'] = this.identity;
    if (body && !raw) headers['Content-Type'] = 'application/json';
    const answer = await fetch(`${this.base}${path}`, {
      method,
      headers,
      body: raw ? body : body ? JSON.stringify(body) : null,
      credentials: 'omit',
      cache: 'no-store',
      signal: signal ?? null,
    });
    if (answer.ok) return answer;
    let code = '';
    try {
      code = ((await answer.json()) as { code?: string }).code ?? '';
    } catch {
      // No words with it.
    }
    throw new Refused(answer.status, code, Number(answer.headers.get('Retry-After')) || 0);
  }
  async config<T>(): Promise<T> {
    const answer = await fetch(`${this.base}/config?lang=${this.language}`, { credentials: 'omit' });
    if (!answer.ok) throw new Refused(answer.status, '', 0);
    return (await answer.json()) as T;
  }

  // Begins to listen, when there is somebody to listen for.
  start(): void {
    if (this.identity) {
      this.keep();
      this.is_known = true;
    }
    if (this.is_known) void this.listen();
    if (this.unsent.length > 0) void this.send_waiting();
  }
  stop(): void {
    this.stopped = true;
    this.abort.abort();
  }
  // The page has got a connection again, or came back to the front.
  wake(): void {
    if (this.unsent.length > 0) void this.send_waiting();
  }

  private take(message: Message): void {
    this.cursor = Math.max(this.cursor, message.change);
    this.messages.set(message.id, message);
    this.unsent = this.unsent.filter((one) => one.id !== message.id);
  }
  get list(): Message[] {
    return [...this.messages.values()].sort((a, b) => a.seq - b.seq);
  }
  get unread(): number {
    return this.list.filter((one) => one.from === 'desk' && !one.deleted && one.seq > this.read_seq).length;
  }

  // True when the desk will not hear this page at all. A browser that stands for somebody it may not speak for any more
  // goes on as a new one, with what waits to be sent.
  private is_over(error: unknown): boolean {
    if (!(error instanceof Refused)) return false;
    if (['identity_needed', 'identity_other', 'wrong_chat'].includes(error.code)) {
      const waiting = this.unsent;
      this.forget();
      this.unsent = waiting;
      if (this.identity || waiting.length > 0) this.keep();
      this.ears.changed();
      return false;
    }
    if (![401, 403].includes(error.status) && error.code !== 'no_chat') return false;
    this.ears.closed(error.code);
    return true;
  }

  private async listen(): Promise<void> {
    if (this.listening) return;
    this.listening = true;
    let wait_ms = 500;
    while (!this.stopped) {
      try {
        if (this.cursor === 0) await this.read_all();
        if (!this.is_known) break;
        const { signal } = this.abort;
        const answer = await this.ask('GET', `/events?after=${this.cursor}`, undefined, signal);
        this.ears.online(true);
        wait_ms = 500;
        await this.read_frames(answer, signal);
      } catch (error) {
        if (this.stopped || this.is_over(error)) break;
        if (error instanceof DOMException && error.name === 'AbortError') continue; // of another conversation
        if (!this.is_known && !this.identity) break;
        if (error instanceof Refused && error.status === 404 && this.cursor > 0) {
          this.cursor = 0; // nobody is known by this token any more
          continue;
        }
        if (error instanceof Refused && error.retry_s) wait_ms = Math.max(wait_ms, error.retry_s * 1_000);
      }
      if (this.stopped) break;
      this.ears.online(false);
      await pause(wait_ms + Math.random() * 300);
      wait_ms = Math.min(wait_ms * 2, 20_000);
    }
    this.listening = false;
  }
  // Another conversation than the one that stands here: the desk has forgotten that one, or this browser belongs to
  // somebody else now. What is still on its way is of the old one, and is not heard.
  private turn_to(conversation: string): void {
    if (conversation === this.conversation) return;
    this.conversation = conversation;
    this.messages.clear();
    this.cursor = this.read_seq = 0;
    this.abort.abort();
    this.abort = new AbortController();
  }
  private async read_all(): Promise<void> {
    let more = true;
    while (more) {
      const { signal } = this.abort;
      const answer = await this.ask('GET', `/messages?after=${this.cursor}`, undefined, signal);
      const known = (await answer.json()) as Known;
      signal.throwIfAborted();
      this.turn_to(known.conversation);
      this.is_known = known.known;
      this.read_seq = Math.max(this.read_seq, known.read_seq);
      this.email = known.email || this.email;
      for (const message of known.items) this.take(message);
      more = known.more;
    }
    this.ears.changed();
  }
  // Server-sent events, read by hand: EventSource cannot say who it is but in the address, where it would be logged.
  private async read_frames(answer: Response, signal: AbortSignal): Promise<void> {
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    let heard = Date.now();
    // Without a heartbeat for long the line is dead, whatever the network says.
    const watch = setInterval(() => {
      if (Date.now() - heard > 45_000) void reader?.cancel();
    }, 5_000);
    try {
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done || value === undefined) return;
        heard = Date.now();
        text += value;
        const frames = text.split('\n\n');
        text = frames.pop() ?? '';
        for (const frame of frames) {
          signal.throwIfAborted();
          this.hear(frame);
        }
      }
    } finally {
      clearInterval(watch);
    }
  }
  private hear(frame: string): void {
    const field = (name: string): string =>
      frame
        .split('\n')
        .filter((line) => line.startsWith(`${name}: `))
        .map((line) => line.slice(name.length + 2))
        .join('\n');
    const event = field('event');
    if (event === 'message') {
      this.take(JSON.parse(field('data')) as Message);
      this.ears.typing(false);
      this.ears.changed();
    } else if (event === 'typing') {
      this.ears.typing((JSON.parse(field('data')) as { writing: boolean }).writing);
    }
  }

  write(text: string, files: FileInfo[], email: string): void {
    this.unsent.push({ id: random_word(12), text, files, email, state: 'sending' });
    if (email) this.email = email;
    this.keep();
    this.ears.changed();
    void this.send_waiting();
  }
  again(id: string): void {
    for (const one of this.unsent) if (one.id === id) one.state = 'sending';
    void this.send_waiting();
  }
  private async send_waiting(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    let wait_ms = 1_000;
    for (;;) {
      // In the order they were written: one that waits holds back those behind it.
      const next = this.unsent.find((one) => one.state !== 'refused');
      if (!next || this.stopped) break;
      try {
        const answer = await this.ask('POST', '/messages', {
          id: next.id,
          text: next.text,
          files: next.files.map((file) => file.id),
          email: next.email,
          language: this.language,
          page: location.href.split(/[?#]/)[0],
          continues: this.continues,
        });
        const message = (await answer.json()) as Message;
        this.turn_to(message.conversation);
        // The cursor stays: what the desk said in between comes by the stream.
        this.messages.set(message.id, message);
        this.unsent = this.unsent.filter((one) => one.id !== next.id);
        this.continues = '';
        this.is_known = true;
        this.keep();
        wait_ms = 1_000;
        this.ears.changed();
        void this.listen();
      } catch (error) {
        const refused = error instanceof Refused ? error : null;
        if (this.is_over(error)) break;
        if (refused?.status === 401) continue; // as a new one
        if (refused && refused.status !== 429 && refused.status < 500 && refused.status !== 408) {
          next.state = 'refused';
          next.why = refused.code;
        } else {
          next.state = 'waiting';
          next.why = refused?.code ?? '';
          if (refused?.retry_s) wait_ms = refused.retry_s * 1_000;
          this.ears.changed();
          await pause(wait_ms);
          wait_ms = Math.min(wait_ms * 2, 20_000);
        }
        this.keep();
        this.ears.changed();
      }
    }
    this.sending = false;
  }
  get has_word(): boolean {
    return this.continues !== '';
  }

  async upload(file: Blob): Promise<FileInfo> {
    const answer = await this.ask('POST', '/files', file);
    this.is_known = true;
    this.keep();
    return (await answer.json()) as FileInfo;
  }
  async picture(id: string): Promise<Blob> {
    return (await this.ask('GET', `/files/${id}`)).blob();
  }
  type(writing: boolean): void {
    if (this.is_known) this.ask('POST', '/typing', { writing }).catch(() => undefined);
  }
  // Everything that stands there was looked at.
  saw(): void {
    const last = this.list.filter((one) => one.from === 'desk').at(-1)?.seq ?? 0;
    if (last <= this.read_seq) return;
    this.read_seq = last;
    this.ask('POST', '/read', { seq: last }).catch(() => undefined);
  }
}
