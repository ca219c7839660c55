// What a test started is ended with it: in reverse order at the test's end, and when the test process itself ends.
import { rmSync } from 'node:fs';

const children = new Set(); // processes still alive
const folders = new Set();

export function ended_with_us(child) {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

export function removed_with_us(folder) {
  if (!process.env.KIKIMIMI_KEEP) folders.add(folder);
  return folder;
}

process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

export async function ended(child, signal = 'SIGTERM', patience_ms = 10_000) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((done) => {
    child.once('exit', done);
  });
  child.kill(signal);
  const hard = setTimeout(() => child.kill('SIGKILL'), patience_ms);
  await exit;
  clearTimeout(hard);
}
