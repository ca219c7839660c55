// E-mail on a real Dovecot behind a real Postfix: mails delivered twice, in every encoding; connections that break
// while reading, while sending, and after the server took a mail; mailboxes numbered anew.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dovecot, dovecot_is_here, mailbox_password, read_mail } from '../support/dovecot.mjs';
import { Postfix, postfix_is_here } from '../support/postfix.mjs';
import { hand_over, SmtpRelay } from '../support/smtp_relay.mjs';
import { sleep, until } from '../support/wait.mjs';

export const missing = !(postfix_is_here() && dovecot_is_here()) && 'needs root, postfix and dovecot';

export class MailDriver {
  name = 'mail';
  settings = { 'mail.sent_interval_ms': '2000' };

  async connect(desk) {
    // All customers share one mailbox; their addresses differ behind the plus.
    this.boxes = await Dovecot.start(['care', 'customer']);
    this.post = await Postfix.start({ lmtp_port: this.boxes.lmtp_port });
    this.smtp = await SmtpRelay.start(this.post.port);
    this.imap = await SmtpRelay.start(this.boxes.port); // a wire that only breaks
    this.seen = new Map(); // file of the customers' mailbox → what stood first in it
    await desk.owner.in('POST', '/accounts', {
      network: 'mail',
      fields: {
        address: 'care@example.com',
        name: 'Care',
        imap_url: `imap://127.0.0.1:${this.imap.port}`,
        imap_password: mailbox_password,
        smtp_url: `smtp://127.0.0.1:${this.smtp.port}`,
        smtp_user: '-',
      },
    });
    this.smtp.fault = () => {
      if (this.random() >= 0.12) return undefined;
      return ['lost_before', 'lost_after', 'refused'][Math.floor(this.random() * 3)];
    };
  }

  async write(text) {
    const number = /\d+/.exec(text)[0];
    const from = `customer+${number}@example.com`;
    const [encoding, body] = [
      ['7bit', text],
      ['base64', Buffer.from(text).toString('base64')],
      ['quoted-printable', text.replaceAll('t', '=74')],
    ][Number(number) % 3];
    const raw = [
      `From: <${from}>`,
      'To: <care@example.com>',
      'Subject: The tap',
      `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
      `Message-ID: <${crypto.randomUUID()}@example.com>`,
      'MIME-Version: 1.0',
      `Content-Type: text/plain; charset=${['iso-2022-jp', 'utf-8'][Number(number) % 2]}`,
      `Content-Transfer-Encoding: ${encoding}`,
      '',
      body,
      '',
    ].join('\n');
    const times = this.random() < 0.15 ? 2 : 1; // a server that did not hear the answer gives it again
    for (let time = 0; time < times && !this.stopped; time += 1) {
      try {
        await hand_over(this.post.port, from, 'care@example.com', raw);
      } catch (error) {
        if (this.stopped) return;
        if (time === 0) time -= 1; // not taken: it is no mail yet
        await sleep(50);
        if (!/^4|silent|ECONN/.test(error.message)) throw error;
      }
    }
  }

  async stir() {
    if (this.random() < 0.1) this.imap.cut();
    if (this.random() < 0.01)
      this.boxes.doveadm(
        ...['mailbox', 'update', '-u', 'care', '--uid-validity'],
        String(1_000_000 + Math.floor(this.random() * 1_000_000_000)),
        'INBOX',
      );
  }

  async settle() {
    this.smtp.fault = () => undefined;
    const queue = () =>
      spawnSync('/usr/sbin/postqueue', ['-c', this.post.config, '-p'], { encoding: 'utf8' });
    await until('Postfix has delivered everything', () => queue().stdout.includes('queue is empty'), {
      timeout_ms: 120_000,
    });
  }

  arrived(text) {
    for (const part of ['new', 'cur']) {
      const folder = join(this.boxes.folder, 'mail', 'customer', part);
      if (!existsSync(folder)) continue;
      for (const file of readdirSync(folder)) {
        const id = file.split(':')[0]; // flags follow
        if (this.seen.has(id)) continue;
        const mail = read_mail(readFileSync(join(folder, file), 'utf8'));
        this.seen.set(id, mail.text.split(/\r?\n/)[0]);
      }
    }
    return [...this.seen.values()].filter((first) => first === text).length;
  }

  check() {
    for (const first of this.seen.values())
      assert.match(first, /^Answer \d+ to soak mail/, 'nothing else went to customers');
  }
  async stop() {
    this.stopped = true;
    await this.smtp?.stop();
    await this.imap?.stop();
    this.post?.stop();
    await this.boxes?.stop();
  }
}
