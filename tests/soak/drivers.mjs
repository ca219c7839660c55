// One driver a channel; soak.mjs says what each has to do. A new channel adds its class and a line below.
import assert from 'node:assert/strict';
import { Line, missing as line_missing, user_id } from '../networks/line/line.mjs';
import { sleep } from '../support/wait.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';
import { ChatDriver } from './chat.mjs';
import { MailDriver, missing as mail_missing } from './mail.mjs';
import { XDriver, missing as x_missing } from './x.mjs';

// A company's own system: posts by our API, answers by signed webhook.
class OpenDriver {
  name = 'open';
  settings = {};

  async connect(desk) {
    this.receiver = await WebhookReceiver.start();
    const { secret, program, account } = await desk.open_account(desk.owner, {
      webhook_url: this.receiver.url,
    });
    this.receiver.secret = secret;
    this.program = program;
    this.account = account;
    this.receiver.answer = () => (this.random() < 0.05 ? 503 : this.random() < 0.05 ? 'drop' : 204);
  }

  async write(text) {
    const post = {
      external_id: text,
      text,
      reason: 'message',
      author: { id: text, name: text },
    };
    while (!this.stopped) {
      try {
        const { items } = await this.program.post('/open/posts', { posts: [post, post] });
        if (items[0].status === 'accepted') return;
        throw Object.assign(new Error(JSON.stringify(items[0])), { status: 400 });
      } catch (error) {
        if (error.status && error.status < 500 && error.status !== 429) throw error;
        await sleep(20 + this.random() * 40);
      }
    }
  }
  async stir() {}
  async settle() {
    this.receiver.answer = () => 204;
  }
  // A receiver drops what comes again under the same id.
  arrived(text) {
    const ids = new Set(
      this.receiver.requests
        .filter((request) => request.status === 204 && request.body?.text === text)
        .map((request) => request.id),
    );
    return ids.size;
  }
  check() {
    assert.ok(
      this.receiver.requests.every((request) => request.ok),
      'every webhook is signed',
    );
  }
  stop() {
    this.stopped = true;
    return this.receiver.stop();
  }
}

// LINE: lost acknowledgements, redelivery out of order, 429 with and without headers, 5xx, resets before and after.
class LineDriver {
  name = 'line';

  static async make() {
    const driver = new LineDriver();
    driver.line = await Line.start();
    driver.settings = driver.line.settings;
    return driver;
  }

  async connect(desk) {
    const { line } = this;
    const account = await desk.owner.in('POST', '/accounts', { network: 'line', fields: line.fields });
    line.webhook.endpoint = `${desk.url}/hooks/${account.id}`;
    line.random_fault = (operation) => this.fault(operation);
    this.unsent = [];
    this.owed = [];
  }

  fault(operation) {
    if (!['replyMessage', 'pushMessage'].includes(operation)) return this.random() < 0.02 ? 500 : undefined;
    const kinds = [
      500,
      { status: 429, message: 'The API rate limit has been exceeded. Try again later.' },
      { status: 429, message: 'The API rate limit has been exceeded.', headers: { 'retry-after': '1' } },
      'reset',
      'reset_after',
    ];
    return this.random() < 0.12 ? kinds[Math.floor(this.random() * kinds.length)] : undefined;
  }

  async write(text) {
    const { line } = this;
    const from = user_id();
    line.profiles.set(from, { displayName: text.slice(0, 20) });
    const event = line.text(from, text);
    // What comes late has no reply token left: its answer is a push.
    if (this.random() < 0.5) event.deliveryContext = { isRedelivery: true };
    const batch = [event];
    if (this.random() < 0.1) {
      // said and taken back: must be nowhere in the end
      const regretted = line.text(from, `regretted after ${text}`);
      this.unsent.push(regretted.message.text);
      const pair = [regretted, line.unsend(from, regretted.message.id)];
      batch.push(...(this.random() < 0.5 ? pair : pair.reverse()));
    }
    while (!this.stopped && (await line.bring(batch)) !== 200) {
      line.undelivered.splice(0);
      await sleep(20 + this.random() * 40);
      for (const one of batch) one.deliveryContext = { isRedelivery: true };
    }
    if (this.random() < 0.3) this.owed.push(...batch);
  }

  // LINE did not hear our 200: all of it again, marked, in another order.
  async stir() {
    if (this.owed.length < 10) return;
    const again = this.owed.splice(0);
    do {
      this.line.undelivered.splice(0);
      await this.line.redeliver([...again]);
      if (this.line.undelivered.length > 0) await sleep(50);
    } while (!this.stopped && this.line.undelivered.length > 0);
  }

  async settle() {
    this.line.random_fault = undefined;
    while (this.owed.length > 0) {
      this.owed.push(...Array.from({ length: 10 }, () => this.owed[0]));
      await this.stir();
    }
  }

  arrived(text) {
    let count = 0;
    for (const chat of this.line.chats.values())
      count += chat.filter((entry) => entry.message.text === text).length;
    return count;
  }

  check(found) {
    assert.deepEqual(this.line.violations, []);
    for (const text of this.unsent) assert.ok(!found.incoming.has(text), `"${text}" was taken back`);
  }
  stop() {
    this.stopped = true;
    return this.line.stop();
  }
}

export async function all_drivers(minutes, only = []) {
  const drivers = [new OpenDriver(), new ChatDriver()];
  if (!line_missing) drivers.push(await LineDriver.make());
  if (!x_missing) drivers.push(await XDriver.make());
  // Its answers settle in minutes, and the short form has one.
  if (!mail_missing && (minutes >= 5 || only.includes('mail'))) drivers.push(new MailDriver());
  return drivers.filter((driver) => only.length === 0 || only.includes(driver.name));
}
