// Runs clang-tidy over the sources of the program (tests are left to the sanitizers), as many at a time as there are
// cores, and remembers which passed: a file is read again only when it, a header of ours it includes, the list of
// checks or its compile command has changed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
process.chdir(root);
const build = 'build/check';
const passedFolder = 'build/tidy';
mkdirSync(passedFolder, { recursive: true });
const only = process.argv.slice(2);

const headersOf = new Map(); // path -> set of our headers, transitively
function headers(path) {
  const known = headersOf.get(path);
  if (known) return known;
  const found = new Set();
  headersOf.set(path, found);
  for (const [, name] of readFileSync(path, 'utf8').matchAll(/^\s*#include "([^"]+)"/gm)) {
    const header = [resolve('src', name), resolve(dirname(path), name)].find(existsSync);
    if (!header) continue;
    found.add(header);
    for (const inner of headers(header)) found.add(inner);
  }
  return found;
}

function key(entry) {
  const hash = createHash('sha256').update(readFileSync('.clang-tidy')).update(entry.command);
  for (const path of [entry.file, ...[...headers(entry.file)].sort()]) hash.update(readFileSync(path));
  return hash.digest('hex').slice(0, 32);
}

const commands = JSON.parse(readFileSync(`${build}/compile_commands.json`, 'utf8'))
  .map((entry) => ({ ...entry, file: resolve(entry.directory, entry.file) }))
  .filter((entry) => entry.file.startsWith(resolve('src')) && /(?<!_test)\.cpp$/.test(entry.file))
  .filter((entry) => only.length === 0 || only.some((word) => entry.file.includes(word)));
const waiting = commands
  .map((entry) => ({ ...entry, stamp: `${passedFolder}/${key(entry)}` }))
  .filter((entry) => !existsSync(entry.stamp));
console.log(`${commands.length} files, ${waiting.length} changed since they passed`);

let failed = 0;
let done = 0;
async function worker() {
  for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
    const child = spawn('clang-tidy-19', ['-p', build, '--quiet', entry.file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (bytes) => {
      output += bytes;
    });
    child.stderr.on('data', () => {}); // only counts of suppressed warnings
    const status = await new Promise((end) => {
      child.on('close', end);
    });
    done += 1;
    console.log(
      `[${done}/${done + waiting.length}] ${relative(root, entry.file)}${status === 0 ? '' : ' FAILED'}`,
    );
    if (status === 0) writeFileSync(entry.stamp, '');
    else {
      failed += 1;
      console.log(output.replaceAll(root, ''));
    }
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, worker));
console.log(`clang-tidy: ${commands.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
