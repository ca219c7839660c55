// A PostgreSQL server of our own: Debian's programs, a temporary cluster, a port of its own, gone with the test.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ended, ended_with_us, removed_with_us } from './cleanup.mjs';
import { free_port } from './ports.mjs';
import { until } from './wait.mjs';

function programs() {
  const home = '/usr/lib/postgresql';
  const version = existsSync(home) ? readdirSync(home).sort((a, b) => b - a)[0] : null;
  if (!version) throw new Error('PostgreSQL is not installed (packaging/apt-networks.txt)');
  return join(home, version, 'bin');
}

// The server refuses to run as root; Debian's package brings a user for it.
function somebody() {
  if (process.getuid() !== 0) return {};
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export class Postgres {
  static async start() {
    const postgres = new Postgres();
    const folder = removed_with_us(mkdtempSync(join(tmpdir(), 'kikimimi-postgres-')));
    const user = somebody();
    if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
    const bin = programs();
    const cluster = join(folder, 'cluster');
    const options = { ...user, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] };
    execFileSync(
      join(bin, 'initdb'),
      ['-D', cluster, '-U', 'kiki', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
      options,
    );
    postgres.port = await free_port();
    const settings = {
      port: postgres.port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      fsync: 'off',
      max_connections: 200,
      shared_buffers: '64MB',
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    postgres.child = ended_with_us(spawn(join(bin, 'postgres'), ['-D', cluster, ...flags], options));
    postgres.log = '';
    for (const stream of [postgres.child.stdout, postgres.child.stderr]) {
      stream.on('data', (bytes) => {
        postgres.log = (postgres.log + bytes).slice(-100_000);
      });
    }
    postgres.bin = bin;
    await until('PostgreSQL answers', () => {
      postgres.sql('postgres', 'select 1');
      return true;
    });
    return postgres;
  }

  sql(database, statement) {
    return execFileSync(
      join(this.bin, 'psql'),
      ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'kiki', '-XAtq', '-d', database, '-c', statement],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );
  }

  // A fresh database; the URL is what store.url takes.
  database(name) {
    this.sql('postgres', `create database ${name}`);
    return `postgresql://kiki@127.0.0.1:${this.port}/${name}`;
  }

  stop() {
    return ended(this.child, 'SIGINT');
  }
}
