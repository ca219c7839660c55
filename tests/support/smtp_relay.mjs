// A wire in front of a mail server that breaks on command: before the server has the whole mail, or after it took it
// and before the client hears so.
import { connect, createServer } from 'node:net';

export class SmtpRelay {
  // `fault()` is asked once a mail: 'lost_before', 'lost_after', 'refused' (451) or nothing.
  static async start(port) {
    const relay = new SmtpRelay();
    relay.to = port;
    relay.fault = () => undefined;
    relay.knows_nobody = false; // refuses every login
    relay.sockets = new Set();
    relay.server = createServer((client) => relay.join(client));
    await new Promise((done) => relay.server.listen(0, '127.0.0.1', done));
    relay.port = relay.server.address().port;
    return relay;
  }

  join(client) {
    const server = connect(this.to, '127.0.0.1');
    const ends = [client, server];
    for (const socket of ends) {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        for (const one of ends) one.destroy();
      });
    }
    let asked = false; // the client said DATA
    let text = null; // the mail, while it comes
    let fault;
    client.on('data', (bytes) => {
      if (text === null) {
        if (this.knows_nobody && /^AUTH /im.test(bytes.toString('latin1'))) {
          client.write('535 5.7.8 Authentication failed\r\n');
          return;
        }
        if (/^DATA\r\n/im.test(bytes.toString('latin1'))) {
          asked = true;
          fault = this.fault();
        }
        server.write(bytes);
        return;
      }
      text = Buffer.concat([text, bytes]);
      if (!text.subarray(-5).equals(Buffer.from('\r\n.\r\n'))) return;
      if (fault === 'lost_before') {
        client.destroy();
        return;
      }
      if (fault === 'refused') {
        client.write('451 4.3.0 Try again later\r\n');
        server.destroy();
        return;
      }
      server.write(text);
      text = null;
    });
    server.on('data', (bytes) => {
      if (asked && bytes.toString('latin1').startsWith('354')) {
        asked = false;
        text = Buffer.alloc(0);
      } else if (fault === 'lost_after' && text === null && !asked) {
        client.destroy();
        return;
      }
      client.write(bytes);
    });
  }

  // Every connection breaks now.
  cut() {
    for (const socket of this.sockets) socket.destroy();
  }
  stop() {
    this.cut();
    return new Promise((done) => this.server.close(done));
  }
}

// Hands one mail over as a mail program does. Rejects when the server does not take it.
export function hand_over(port, from, to, raw) {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1');
    const said = [
      'EHLO customer.example',
      `MAIL FROM:<${from}>`,
      `RCPT TO:<${to}>`,
      'DATA',
      `${raw.replace(/\r?\n/g, '\r\n').replace(/^\./gm, '..')}\r\n.`,
      'QUIT',
    ];
    let heard = '';
    socket.setTimeout(20_000, () => socket.destroy(new Error('the mail server is silent')));
    socket.on('error', fail);
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
      const line = /^(\d{3}) .*\r\n/m.exec(heard); // the last line of an answer
      if (!line) return;
      heard = heard.slice(line.index + line[0].length);
      if (line[1][0] > '3') {
        socket.destroy();
        fail(new Error(line[0].trim()));
        return;
      }
      const next = said.shift();
      if (next === undefined) {
        socket.end();
        done();
        return;
      }
      socket.write(`${next}\r\n`);
    });
  });
}
