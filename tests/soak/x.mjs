// X: events by webhook, by its stream and by asking, topics by the filtered stream; lost, doubled and reordered
// deliveries, 429 with and without headers, 5xx, resets before and after, stale streams, a clock that is wrong.
import assert from 'node:assert/strict';
import { FakeX, specs_are_here } from '../networks/x/fake.mjs';
import { until } from '../support/wait.mjs';

// What X lets an account send in 15 minutes, less some; the agents answer everything.
const window_minutes = 15;
const posts_a_window = 80;
const messages_a_window = 12;

export const missing = specs_are_here ? '' : '../shared/specs is absent';

export class XDriver {
  name = 'x';

  static async make() {
    const driver = new XDriver();
    driver.x = await FakeX.start();
    driver.settings = {
      'x.api_url': driver.x.url,
      'x.bearer_token': driver.x.bearer,
      'x.poll_interval_ms': 300,
      'x.messages_interval_ms': 300,
    };
    return driver;
  }

  async connect(desk) {
    const { x } = this;
    this.desk = desk;
    x.skew_ms = Math.round((this.random() - 0.5) * 120_000);
    this.brand = x.person('Brand');
    this.root = x.post(this.brand, 'We are here to help.');
    const fields = { ...x.pasted_tokens(this.brand), door: 'both' };
    const account = await desk.owner.in('POST', '/accounts', { network: 'x', fields });
    this.hook = `${desk.url}/hooks/${account.id}`;
    await desk.owner.in('POST', '/topics', { name: 'untagged', query: 'untagged' });
    await until('X tells', () => x.activity.size === 1 && x.streams.size === 1 && x.webhooks.length === 1);
    x.random_fault = (call) => this.fault(call);
    this.owed = [];
    this.untagged = [];
    this.written = 0;
    this.begun_at = Date.now();
  }

  fault(call) {
    const reset = () => ({ 'x-rate-limit-reset': String(Math.ceil(this.x.now() / 1000) + 1) });
    if (/^POST \/2\/(tweets|dm_conversations)/.test(call)) {
      const kinds = ['drop', 'lost', 'done_503', { status: 500 }, { status: 429, headers: reset() }];
      if (this.untold_429 && this.random() < 0.01) return { status: 429 };
      return this.random() < 0.15 ? kinds[Math.floor(this.random() * kinds.length)] : undefined;
    }
    if (/stream$/.test(call)) return this.random() < 0.1 ? { status: 503 } : undefined;
    return this.random() < 0.02 ? { status: 503 } : undefined;
  }

  // X has it, and tells by itself or when asked: from then on nothing may lose it.
  async write(text) {
    const { x } = this;
    const minutes = Math.min(this.minutes, window_minutes);
    const pause_ms = (minutes * 60_000) / (posts_a_window + messages_a_window);
    // A minute's wait, which a limit without headers means, must fit into the run.
    this.untold_429 = Date.now() - this.begun_at < (this.minutes - 2) * 60_000;
    this.written += 1;
    const person = x.person(`customer${this.written}`, text.slice(0, 40));
    if (this.written % 8 === 0) x.message(person, this.brand, text);
    else x.post(person, `@Brand ${text}`, { reply_to: this.root.id });
    if (this.random() < 0.15) {
      const untagged = `untagged ${this.written}`;
      x.post(x.person(`stranger${this.written}`), untagged);
      this.untagged.push(untagged);
    }
    await until('time has passed', () => this.stopped || this.next_at <= Date.now(), { every_ms: 50 });
    this.next_at = Date.now() + pause_ms;
  }
  next_at = 0;

  // Deliveries in another order, some twice, some again because X did not hear our 200; what finds nobody may be lost.
  async deliver() {
    const batch = [...this.owed.splice(0), ...this.x.webhook_events.splice(0)];
    batch.sort(() => this.random() - 0.5);
    for (const event of batch) {
      const answer = await this.x.deliver(this.hook, event).catch(() => null);
      if (answer?.status !== 200 ? this.random() < 0.5 : this.random() < 0.15) this.owed.push(event);
    }
  }
  async stir() {
    await this.deliver();
    const chance = this.random();
    if (chance < 0.02) this.x.cut();
    else if (chance < 0.025) this.x.stale();
  }
  async settle() {
    this.x.random_fault = null;
    this.x.cut();
    await this.deliver();
    await until(
      'what topics want is found',
      async () => {
        const rows = await this.desk.owner.all_cases();
        const there = new Set(rows.map((row) => row.preview));
        const lost = this.untagged.filter((text) => !there.has(text));
        return lost.length === 0 || Promise.reject(new Error(`${lost.length} missing (${lost[0]})`));
      },
      { timeout_ms: 300_000, every_ms: 1_000 },
    );
  }

  arrived(text) {
    const said = [...this.x.posts, ...this.x.messages].filter((one) => one.text === text);
    return said.length;
  }
  check(found) {
    assert.deepEqual(this.x.violations, []);
    for (const text of this.untagged) assert.equal(found.incoming.get(text), 1, `"${text}" is there once`);
  }
  stop() {
    this.stopped = true;
    return this.x.stop();
  }
}
