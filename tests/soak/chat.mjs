// The web chat in the soak: every customer is a browser behind an address of its own. Lines break while a message is
// on its way, the same message is sent twice at once, pages listen, lose the stream and come back by their cursor.
import assert from 'node:assert/strict';
import { connect_chat, png, Visitor } from '../support/visitor.mjs';
import { sleep, until } from '../support/wait.mjs';

const listeners_most = 30;

export class ChatDriver {
  name = 'chat';
  settings = { 'http.trusted_proxies': ['127.0.0.1'] }; // else all customers are one flooding address
  visitors = new Map(); // "soak chat 7" → their page
  listeners = [];

  async connect(desk) {
    this.url = desk.url;
    this.key = (await connect_chat(desk)).key;
  }

  visitor() {
    const some = () => 1 + Math.floor(this.random() * 250);
    const visitor = new Visitor(this.url, this.key);
    visitor.headers = { 'x-forwarded-for': `100.${some()}.${some()}.${some()}` };
    return visitor;
  }

  // Until the desk says that it has it. What goes wrong on the way is the network's, a refusal is ours.
  async insist(ask, status) {
    while (!this.stopped) {
      try {
        const answer = await ask();
        if (answer.status === status) return answer.body;
        if (answer.status < 500 && answer.status !== 429)
          throw Object.assign(new Error(JSON.stringify(answer.body)), { ours: true });
      } catch (error) {
        if (error.ours) throw error;
      }
      await sleep(20 + this.random() * 40);
    }
  }

  async write(text) {
    const visitor = this.visitor();
    this.visitors.set(text.split(':')[0], visitor);
    const body = { id: crypto.randomUUID(), text };
    if (this.random() < 0.1) {
      const file = await this.insist(() => visitor.send('POST', '/files', png()), 201);
      if (file) body.files = [file.id];
    }
    const send = () => visitor.send('POST', '/messages', body);
    const luck = this.random();
    if (luck < 0.1) {
      // The line breaks at some moment; whether it arrived nobody knows.
      const signal = AbortSignal.timeout(1 + Math.floor(this.random() * 30));
      await visitor.send('POST', '/messages', body, { signal }).catch(() => {});
    } else if (luck < 0.2) {
      await Promise.allSettled([send(), send()]);
    }
    await this.insist(send, 202);
    if (this.random() < 0.3) this.listeners.push(visitor);
  }

  // Pages whose stream has ended come back, some lose it, the oldest are closed.
  async stir() {
    while (this.listeners.length > listeners_most) await this.listeners.shift().leave();
    for (const visitor of this.listeners) {
      if (visitor.hearing && this.random() < 0.05) await visitor.leave();
      if (!visitor.hearing) await visitor.listen().catch(() => {});
      const last = visitor.heard.findLast((one) => one.event === 'message')?.seq;
      if (last && this.random() < 0.2) await visitor.send('POST', '/read', { seq: last }).catch(() => {});
    }
  }

  async settle() {
    for (const visitor of this.listeners) if (!visitor.hearing) await visitor.listen();
  }

  async arrived(text) {
    const visitor = this.visitors.get(text.split(' to ')[1]);
    return (await visitor.all()).filter((one) => one.from === 'desk' && one.text === text).length;
  }

  async check() {
    for (const visitor of this.listeners) {
      const all = (await visitor.all()).map((one) => one.change);
      const heard = () => visitor.heard.filter((one) => one.event === 'message').map((one) => one.change);
      await until('the page has heard everything', () => heard().length >= all.length);
      assert.deepEqual(heard(), all, 'a page hears each change once and in its order');
    }
  }

  async stop() {
    this.stopped = true;
    for (const visitor of this.listeners) await visitor.leave();
  }
}
