// A Dovecot of our own: Debian's program, with its folders, port and mailboxes ours. Mail comes in by LMTP from our
// Postfix; all users have one password, and nobody else has a mailbox. Needs root, as Dovecot does.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ended, ended_with_us, removed_with_us } from './cleanup.mjs';
import { free_port } from './ports.mjs';
import { until } from './wait.mjs';

export const mailbox_password = 'three words of mail';

export function dovecot_is_here() {
  return process.getuid() === 0 && existsSync('/usr/sbin/dovecot') && existsSync('/usr/lib/dovecot/lmtp');
}

export class Dovecot {
  // `extra`: more lines of its configuration; `{folder}` in them is ours, and `files` may
  // put something there.
  static async start(users, { extra = '', files = () => {} } = {}) {
    const server = new Dovecot();
    server.folder = removed_with_us(mkdtempSync(join(tmpdir(), 'kikimimi-dovecot-')));
    chmodSync(server.folder, 0o755);
    for (const part of ['run', 'state', 'mail']) mkdirSync(join(server.folder, part));
    execFileSync('chown', ['nobody', join(server.folder, 'mail')]);
    server.port = await free_port();
    server.lmtp_port = await free_port();
    server.config = join(server.folder, 'dovecot.conf');
    files(server.folder);
    const passwords = users.map((user) => `${user}:{PLAIN}${mailbox_password}::::::\n`).join('');
    writeFileSync(join(server.folder, 'users'), passwords, { mode: 0o644 });
    writeFileSync(
      server.config,
      `base_dir = ${server.folder}/run
state_dir = ${server.folder}/state
log_path = ${server.folder}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
mail_location = maildir:${server.folder}/mail/%n
default_internal_user = dovecot
default_login_user = dovenull
service imap-login {
  inet_listener imap {
    port = ${server.port}
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  inet_listener lmtp {
    port = ${server.lmtp_port}
  }
}
auth_username_format = %Ln
passdb {
  driver = passwd-file
  args = ${server.folder}/users
}
userdb {
  driver = passwd-file
  args = ${server.folder}/users
  default_fields = uid=65534 gid=65534 home=${server.folder}/mail/%n
}
namespace inbox {
  inbox = yes
  mailbox Sent {
    auto = create
    special_use = \\Sent
  }
}
${extra.replaceAll('{folder}', server.folder)}
`,
    );
    await server.run();
    return server;
  }

  async run() {
    this.child = ended_with_us(
      spawn('/usr/sbin/dovecot', ['-F', '-c', this.config], {
        stdio: ['ignore', 'ignore', 'inherit'],
        detached: true, // a process group of its own
      }),
    );
    for (const port of [this.port, this.lmtp_port])
      await until('Dovecot listens', () => greeting(port), { timeout_ms: 60_000 });
  }
  // Stopped and started again: connections break, mailboxes stay. Processes that serve somebody outlive their master.
  async stop() {
    await ended(this.child);
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // nobody was left
    }
  }

  // With a certificate (two files), or without one; from the next start on.
  secured(certificate) {
    const { cert, key } = certificate ?? {};
    const lines = cert ? `ssl = yes\nssl_cert = <${cert}\nssl_key = <${key}` : 'ssl = no';
    writeFileSync(
      this.config,
      readFileSync(this.config, 'utf8').replace(/^ssl = no$|^ssl = yes\nssl_cert.*\nssl_key.*$/m, lines),
    );
  }

  doveadm(...words) {
    return execFileSync('/usr/bin/doveadm', ['-c', this.config, ...words], { encoding: 'utf8' });
  }
  // Every mail of a mailbox, as it stands there.
  mails(user, box = 'INBOX') {
    const text = this.doveadm('-f', 'json', 'fetch', '-u', user, 'text', 'mailbox', box, 'all');
    return JSON.parse(text || '[]').map((one) => read_mail(one.text));
  }
  log() {
    const file = join(this.folder, 'log');
    return existsSync(file) ? readFileSync(file, 'utf8').slice(-4_000) : '';
  }
}

function greeting(port) {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    const end = (value) => {
      socket.destroy();
      done(value);
    };
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
    socket.setTimeout(5_000, () => end(false));
  });
}

// Headers in lower case, unfolded; the text of a mail with one part, decoded.
export function read_mail(raw) {
  const [head, ...rest] = raw.replaceAll('\r\n', '\n').split('\n\n');
  const headers = {};
  for (const line of head.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] ??= line.slice(colon + 1).trim();
  }
  const body = rest.join('\n\n');
  const text = /base64/i.test(headers['content-transfer-encoding'] ?? '')
    ? Buffer.from(body, 'base64').toString('utf8')
    : body;
  return { headers, text, raw };
}
