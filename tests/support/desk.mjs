// A desk ready to work: the program, its owner, a workspace, and short ways to the usual things.
import { Client } from './client.mjs';
import { Program } from './program.mjs';

export const password = 'correct horse battery staple';
let people = 0;

export class Desk {
  static async open(options = {}) {
    const desk = new Desk();
    desk.program = await Program.start({ ...options, settings: { ...test_settings, ...options.settings } });
    desk.url = desk.program.url;
    desk.owner = new Client(desk.url);
    desk.owner.signed_in(
      await desk.owner.post('/setup', {
        token: await desk.program.setup_token(),
        name: 'Owner',
        email: 'owner@example.com',
        password,
        language: options.language ?? 'en',
        workspace_name: 'Brand',
        time_zone: 'Asia/Tokyo',
      }),
    );
    // No time to take a reply back, so that journeys are quick; the undo time has a test of its own.
    await desk.owner.in('PATCH', '', { settings: { undo_send_seconds: 0 } });
    return desk;
  }

  // Somebody else, invited by the owner with this role.
  async person(role, workspace = this.owner.workspace) {
    people += 1;
    const invitation = await this.owner.api('POST', `/workspaces/${workspace}/invitations`, { role });
    const token = invitation.link
      .split(/[#/]/)
      .filter((piece) => piece && piece !== 'accept')
      .at(-1);
    const client = new Client(this.url);
    client.workspace = workspace;
    client.email = `${role}${people}@example.com`;
    return client.signed_in(
      await client.post(`/invitations/${token}/accept`, {
        name: `${role} ${people}`,
        email: client.email,
        password,
        language: 'en',
      }),
    );
  }

  async workspace(name, owner = this.owner) {
    const workspace = await owner.post('/workspaces', { name, time_zone: 'Asia/Tokyo', language: 'ja' });
    const client = new Client(this.url);
    Object.assign(client, { cookie: owner.cookie, csrf: owner.csrf, me: owner.me, workspace: workspace.id });
    await client.in('PATCH', '', { settings: { undo_send_seconds: 0 } });
    return client;
  }

  // An account of the open channel; `posts` sends as its program would.
  async open_account(client = this.owner, fields = {}) {
    const account = await client.in('POST', '/accounts', {
      network: 'open',
      fields: { name: 'Shop', ...fields },
    });
    return {
      account,
      secret: account.signing_secret,
      program: new Client(this.url, { token: account.token }),
    };
  }

  stop() {
    return this.program.stop();
  }
}

// Loopback receivers and networks are allowed in tests only; nothing outside of this machine is asked.
export const test_settings = {
  'outbound.allow': '127.0.0.1,localhost',
  'reply.look_at_links': 'false',
  'bluesky.stream_url': 'ws://127.0.0.1:9/subscribe',
  'bluesky.plc_url': 'http://127.0.0.1:9',
  'bluesky.entryway_url': 'http://127.0.0.1:9',
  'bluesky.appview_url': 'http://127.0.0.1:9',
};

export function open_post(number, extra = {}) {
  return {
    external_id: `post-${number}`,
    thread_id: `thread-${number}`,
    text: `The tap number ${number} drips, please help.`,
    reason: 'message',
    author: { id: `person-${number}`, name: `Person ${number}`, handle: `person${number}` },
    ...extra,
  };
}
