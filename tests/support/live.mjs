// A reader of the live stream (text/event-stream): keeps what came, waits for what is to come.
import { until } from './wait.mjs';

export class Live {
  static async open(client, { last_event_id, workspace } = {}) {
    const live = new Live();
    live.events = [];
    live.abort = new AbortController();
    const headers = { accept: 'text/event-stream' };
    if (client.cookie) headers.cookie = client.cookie;
    if (client.token) headers.authorization = `Bearer ${client.token}`;
    if (last_event_id !== undefined) headers['last-event-id'] = String(last_event_id);
    const path = `/api/v1/workspaces/${workspace ?? client.workspace}/live`;
    const answer = await fetch(client.url + path, { headers, signal: live.abort.signal });
    live.status = answer.status;
    live.type = answer.headers.get('content-type');
    live.done = answer.ok ? live.#read(answer.body) : Promise.resolve();
    return live;
  }

  async #read(body) {
    let rest = '';
    try {
      for await (const bytes of body.pipeThrough(new TextDecoderStream())) {
        rest += bytes;
        for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
          this.#event(rest.slice(0, end));
          rest = rest.slice(end + 2);
        }
      }
    } catch {
      /* closed by us, or the program is gone */
    }
    this.closed = true;
  }

  #event(block) {
    const event = { event: 'message', id: null, data: '', at: performance.now() };
    for (const line of block.split('\n')) {
      const [, field, value] = line.match(/^(\w+):? ?(.*)$/) ?? [];
      if (field === 'data') event.data += value;
      else if (field) event[field] = value;
    }
    if (!event.data) return;
    event.data = JSON.parse(event.data);
    this.events.push(event);
    if (event.id) this.last_event_id = event.id;
  }

  changes(kind) {
    return this.events.filter((event) => event.event === 'change' && (!kind || event.data.kind === kind));
  }

  async change(what, wanted, options) {
    return until(what, () => this.changes().find((event) => wanted(event.data)), { every_ms: 5, ...options });
  }

  async close() {
    this.abort.abort();
    await this.done;
  }
}
