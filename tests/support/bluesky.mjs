// The real Bluesky network (tests/networks/bluesky) for a journey: started once, ended with the test. Its actions
// (create-account, post, delete, like, thread, stop-pds …) are methods: network.act('post', {handle, text}).
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ended, ended_with_us } from './cleanup.mjs';
import { until } from './wait.mjs';

const start = fileURLToPath(new URL('../networks/bluesky/start', import.meta.url));

export class Bluesky {
  static async start() {
    const network = new Bluesky();
    // Its standard input is ours: when this process dies, the network sees the end of it and goes too.
    network.child = ended_with_us(spawn(start, [], { stdio: ['pipe', 'pipe', 'pipe'] }));
    network.log = '';
    network.child.stderr.on('data', (bytes) => {
      network.log = (network.log + bytes).slice(-100_000);
    });
    network.urls = await new Promise((found, failed) => {
      createInterface({ input: network.child.stdout }).once('line', (line) => found(JSON.parse(line)));
      network.child.once('exit', (code) =>
        failed(new Error(`the network ended with ${code}:\n${network.log}`)),
      );
    });
    return network;
  }

  async act(action, body = {}) {
    const answer = await fetch(`${this.urls.control}/${action}`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
    const value = await answer.json();
    if (!answer.ok) throw new Error(`${action}: ${value.error}`);
    return value;
  }

  // What the program needs to know to live in this network and not in the world's.
  get settings() {
    return {
      'bluesky.stream_url': this.urls.firehose,
      'bluesky.stream_kind': 'firehose',
      'bluesky.plc_url': this.urls.plc,
      'bluesky.entryway_url': this.urls.pds,
      'bluesky.appview_url': this.urls.appview,
      'bluesky.poll_interval_ms': 200,
    };
  }

  // Connects the brand as the console would: a handle and an app password.
  async connect(client, brand) {
    const { items } = await client.in('GET', '/channels');
    const descriptor = items.find((channel) => channel.network === 'bluesky');
    const fields = {};
    for (const { key, type } of descriptor.connect_fields) {
      if (type === 'handle') fields[key] = brand.handle;
      if (type === 'secret') fields[key] = brand.app_password;
    }
    const account = await client.in('POST', '/accounts', { network: 'bluesky', fields });
    return until(`${brand.handle} is connected`, async () => {
      const now = (await client.in('GET', '/accounts')).items.find((entry) => entry.id === account.id);
      return now.status === 'ok' && now;
    });
  }

  // The posts under a post as anybody sees them through the AppView.
  async replies(uri) {
    const { thread } = await this.act('thread', { uri });
    return thread.replies ?? [];
  }

  async stop() {
    this.child.stdin.end();
    await ended(this.child, 'SIGTERM', 20_000);
  }
}
