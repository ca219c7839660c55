// The other side of a signed webhook, written from the Standard Webhooks text and node:crypto alone: it checks the
// signature, counts by webhook-id, and answers as a test tells it to.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

export function verified(secret, headers, body, now_s = Date.now() / 1000) {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  if (!id || !/^\d+$/.test(timestamp ?? '') || Math.abs(now_s - Number(timestamp)) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  return (headers['webhook-signature'] ?? '').split(' ').some((entry) => {
    const [version, value] = entry.split(',');
    const given = Buffer.from(value ?? '', 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

export class WebhookReceiver {
  static async start(secret = '') {
    const receiver = new WebhookReceiver();
    receiver.secret = secret;
    receiver.requests = []; // {id, ok (signature), body, headers, status}
    receiver.accepted = new Map(); // webhook-id -> how often we said 2xx to it
    receiver.answer = () => 204; // status, or 'hang', or 'drop'; may look at the request
    receiver.location = ''; // where a redirect leads
    receiver.server = createServer((request, response) => receiver.#take(request, response));
    await new Promise((done) => {
      receiver.server.listen(0, '127.0.0.1', done);
    });
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}/hook`;
    return receiver;
  }

  #take(request, response) {
    const pieces = [];
    request.on('data', (bytes) => pieces.push(bytes));
    request.on('error', () => {});
    request.on('end', () => {
      const bytes = Buffer.concat(pieces);
      const id = request.headers['webhook-id'];
      const entry = {
        id,
        ok: verified(this.secret, request.headers, bytes),
        headers: request.headers,
        at: Date.now(),
      };
      try {
        entry.body = JSON.parse(bytes);
      } catch {
        entry.body = null;
      }
      const status = this.answer(entry, this.requests.length);
      entry.status = status;
      this.requests.push(entry);
      if (status === 'hang') return;
      if (status === 'drop') {
        request.socket.destroy();
        return;
      }
      if (status >= 200 && status < 300) this.accepted.set(id, (this.accepted.get(id) ?? 0) + 1);
      const elsewhere = this.location ? { location: this.location } : {};
      response.writeHead(status, { 'content-type': 'text/plain', ...elsewhere });
      response.end(status === 204 ? undefined : `said ${status}`);
    });
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => {
      this.server.close(done);
    });
  }
}
