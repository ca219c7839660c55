// The real program in a process of its own, with a data directory of its own, on a port of its own.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ended, ended_with_us, removed_with_us } from './cleanup.mjs';
import { free_port } from './ports.mjs';
import { until } from './wait.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const candidates = [
  process.env.KIKIMIMI_BINARY,
  join(root, 'build/debug/kikimimi'),
  join(root, 'build/release/kikimimi'),
];

export function program_path() {
  const path = candidates.find((candidate) => candidate && existsSync(candidate));
  if (!path) throw new Error('no program to test: ./dev build, or set KIKIMIMI_BINARY');
  return path;
}

export class Program {
  // settings: names as in the configuration file ("store.url"), given by the environment (KIKIMIMI_STORE_URL).
  static async start({ settings = {}, flags = [], data, port, wait = true } = {}) {
    const program = new Program();
    program.data = data ?? removed_with_us(mkdtempSync(join(tmpdir(), 'kikimimi-')));
    program.port = port ?? (await free_port());
    program.url = `http://127.0.0.1:${program.port}`;
    program.settings = settings;
    program.flags = flags;
    program.log = '';
    program.starts = 0;
    await program.start(wait);
    return program;
  }

  async start(wait = true) {
    const environment = { ...process.env, ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=0', NO_COLOR: '1' };
    for (const [name, value] of Object.entries(this.settings)) {
      environment[`KIKIMIMI_${name.toUpperCase().replaceAll('.', '_')}`] = String(value);
    }
    const flags = ['serve', '--listen', `127.0.0.1:${this.port}`, '--data', this.data, ...this.flags];
    this.child = ended_with_us(
      spawn(program_path(), flags, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    this.starts += 1;
    const keep = (bytes) => {
      this.log = (this.log + bytes).slice(-4_000_000);
    };
    this.child.stdout.on('data', keep);
    this.child.stderr.on('data', keep);
    this.exit = new Promise((done) => {
      this.child.once('exit', (code, signal) => done({ code, signal }));
    });
    if (wait) await this.ready();
  }

  async ready(timeout_ms = 60_000) {
    await until(
      'the program is ready',
      async () => {
        if (this.child.exitCode !== null) return true;
        return (await fetch(`${this.url}/readyz`)).ok;
      },
      { timeout_ms, every_ms: 20 },
    );
    if (this.child.exitCode !== null)
      throw new Error(`the program ended with ${this.child.exitCode}:\n${this.log}`);
  }

  // Ends it in good order; a sanitizer's report or a wrong exit fails the test that asks.
  async stop() {
    await ended(this.child, 'SIGTERM', 20_000);
    const { code, signal } = await this.exit;
    if (code !== 0 || /ERROR: AddressSanitizer|runtime error:|LeakSanitizer/.test(this.log)) {
      throw new Error(`the program ended with ${code ?? signal}:\n${this.log.slice(-20_000)}`);
    }
  }

  // As a power cut would.
  async kill() {
    this.child.kill('SIGKILL');
    await this.exit;
  }

  async restart() {
    await this.stop();
    await this.start();
  }

  get running() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  // The one-time link's token, printed when nobody owns the desk yet.
  async setup_token() {
    return until('the set-up link is printed', () => this.log.match(/\/setup#([\w-]+)/)?.[1]);
  }
}
