// A Postfix of our own: Debian's programs, its folders and its port ours, every mail kept in one mailbox file, or given
// to a Dovecot of ours, and nothing ever sent on. Needs root, as Postfix does.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removed_with_us } from './cleanup.mjs';
import { free_port } from './ports.mjs';
import { until } from './wait.mjs';

export function postfix_is_here() {
  return (
    process.getuid() === 0 && existsSync('/usr/sbin/postfix') && existsSync('/etc/postfix/main.cf.proto')
  );
}

export class Postfix {
  // `lmtp_port`: where mail goes instead of the file; what is refused there comes back as a bounce.
  // `sasl`: the socket of a Dovecot that says who may send.
  static async start({ lmtp_port, sasl } = {}) {
    const server = new Postfix();
    server.folder = removed_with_us(mkdtempSync(join(tmpdir(), 'kikimimi-postfix-')));
    chmodSync(server.folder, 0o755);
    server.config = join(server.folder, 'config');
    server.port = await free_port();
    server.mailbox = join(server.folder, 'mail', 'all');
    for (const part of ['config', 'queue', 'data', 'mail']) mkdirSync(join(server.folder, part));
    execFileSync('chown', ['postfix', join(server.folder, 'data')]);
    execFileSync('chown', ['nobody', join(server.folder, 'mail')]);
    writeFileSync(
      join(server.config, 'main.cf'),
      [
        'compatibility_level = 3.6',
        `queue_directory = ${server.folder}/queue`,
        `data_directory = ${server.folder}/data`,
        'inet_interfaces = 127.0.0.1',
        'inet_protocols = ipv4',
        'mynetworks = 127.0.0.0/8',
        'myhostname = mail.example.com',
        'mydestination =',
        'virtual_mailbox_domains = example.com',
        'virtual_mailbox_maps = static:all',
        `virtual_mailbox_base = ${server.folder}/mail`,
        'virtual_uid_maps = static:65534',
        'virtual_gid_maps = static:65534',
        'virtual_minimum_uid = 1',
        `virtual_transport = ${lmtp_port ? `lmtp:inet:127.0.0.1:${lmtp_port}` : 'virtual'}`,
        'default_transport = error:nothing leaves this machine',
        'relay_transport = error:nothing leaves this machine',
        `maillog_file = ${server.folder}/log`,
        `maillog_file_prefixes = ${tmpdir()}`,
        // One whom the server refuses at once, when it is told the receiver.
        'smtpd_recipient_restrictions =',
        '  check_recipient_access inline:{{refused@example.com = REJECT}},',
        '  permit_mynetworks, reject_unauth_destination',
        'smtpd_banner = $myhostname ESMTP',
        ...(sasl
          ? ['smtpd_sasl_auth_enable = yes', 'smtpd_sasl_type = dovecot', `smtpd_sasl_path = ${sasl}`]
          : []),
        '',
      ].join('\n'),
    );
    const services = readFileSync('/etc/postfix/master.cf.proto', 'utf8')
      .replace(/^smtp +inet .*$/m, `127.0.0.1:${server.port} inet n - n - - smtpd`)
      .replace(/^(\S+ +(?:unix|inet|fifo) +\S+ +\S+ +)y/gm, '$1n');
    writeFileSync(join(server.config, 'master.cf'), services);
    for (const name of ['postfix-files', 'dynamicmaps.cf'])
      if (existsSync(`/etc/postfix/${name}`)) copyFileSync(`/etc/postfix/${name}`, join(server.config, name));
    server.run('start');
    await until('Postfix takes mail', () => {
      const asked = spawnSync(
        '/bin/bash',
        ['-c', `exec 3<>/dev/tcp/127.0.0.1/${server.port} && head -n 1 <&3`],
        {
          encoding: 'utf8',
          timeout: 10_000,
        },
      );
      return asked.stdout.startsWith('220');
    });
    return server;
  }

  run(verb) {
    const ran = spawnSync('/usr/sbin/postfix', ['-c', this.config, verb], { encoding: 'utf8' });
    if (ran.status !== 0) throw new Error(`postfix ${verb}: ${ran.status} ${ran.stderr}\n${this.log()}`);
  }
  log() {
    const file = join(this.folder, 'log');
    return existsSync(file) ? readFileSync(file, 'utf8').slice(-4_000) : '';
  }

  // Every mail that arrived, as {to, headers, text}: the plain part, decoded.
  mails() {
    if (!existsSync(this.mailbox)) return [];
    return readFileSync(this.mailbox, 'utf8')
      .split(/^From .*\n/m)
      .filter((one) => one.trim() !== '')
      .map((raw) => {
        const [head, ...rest] = raw.replaceAll('\r\n', '\n').split('\n\n');
        const headers = Object.fromEntries(
          head
            .replace(/\n[ \t]+/g, ' ')
            .split('\n')
            .map((line) => [
              line.slice(0, line.indexOf(':')).toLowerCase(),
              line.slice(line.indexOf(':') + 2),
            ]),
        );
        const subject = headers.subject
          .replace(/\?= =\?/g, '?==?')
          .replace(/=\?UTF-8\?B\?([^?]*)\?=/g, (_, word) => Buffer.from(word, 'base64').toString('utf8'));
        return {
          to: headers.to,
          subject,
          headers,
          text: Buffer.from(rest[1] ?? '', 'base64').toString('utf8'),
        };
      });
  }

  stop() {
    this.run('stop');
  }
}
