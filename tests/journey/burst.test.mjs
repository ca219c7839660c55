// `kikimimi burst` as a Unix filter: what goes in by the pipe comes out by the pipe, line for line.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { ended_with_us } from '../support/cleanup.mjs';
import { program_path } from '../support/program.mjs';
import { until } from '../support/wait.mjs';

const minute_ms = 60_000;
const start = Date.UTC(2026, 0, 5);
const stamp = (at) => new Date(at).toISOString().slice(0, 19).replace('T', ' ');
const burst = (input) => spawnSync(program_path(), ['burst'], { input, encoding: 'utf8' });

function quiet_days(days, values = [1, 2, 3, 2]) {
  return Array.from(
    { length: days * 144 },
    (_, i) => `${stamp(start + i * 10 * minute_ms)},${values[i % 4]}`,
  );
}

test('a rise is one alarm, at its first line', () => {
  const lines = quiet_days(4);
  lines[500] = lines[500].replace(/,.*/, ',40');
  lines[501] = lines[501].replace(/,.*/, ',60');
  const ran = burst(`timestamp,value\n${lines.join('\n')}\n`);
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(ran.stderr, '');
  const [heading, ...rows] = ran.stdout.trimEnd().split('\n');
  assert.equal(heading, 'timestamp,score,alarm');
  assert.equal(rows.length, lines.length);
  rows.forEach((row, i) => {
    assert.match(row, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,[01]\.\d{4},[01]$/);
    assert.equal(row.slice(0, 19), lines[i].slice(0, 19), 'the timestamp as it came');
  });
  assert.deepEqual(
    rows.flatMap((row, i) => (row.endsWith(',1') ? [i] : [])),
    [500],
  );
  assert.ok(Number(rows[500].split(',')[1]) >= 0.5);
});

test('bad lines are named, the rest goes on, and the exit status says so', () => {
  const ran = burst(
    'timestamp,value\n2026-01-05 00:00:00,1\nnonsense\n2026-01-05 00:10:00,x\n2026-01-05 00:20:00,2\n',
  );
  assert.equal(ran.status, 1);
  assert.equal(ran.stdout.trimEnd().split('\n').length, 3);
  assert.match(ran.stderr, /line 3: /);
  assert.match(ran.stderr, /line 4: /);
  assert.doesNotMatch(ran.stderr, /line [25]: /);
});

test('in a pipe that stays open, each answer leaves with its question', async () => {
  const child = ended_with_us(spawn(program_path(), ['burst'], { stdio: ['pipe', 'pipe', 'inherit'] }));
  let seen = '';
  child.stdout.on('data', (bytes) => {
    seen += bytes;
  });
  child.stdin.write('2026-01-05 00:00:00,1\n');
  await until('the first answer', () => seen.includes('2026-01-05 00:00:00,0.0000,0'));
  child.stdin.write('2026-01-05 00:10:00,1\n');
  await until('the second answer', () => seen.includes('2026-01-05 00:10:00,0.0000,0'));
  child.stdin.end();
  await until('the end', () => child.exitCode === 0);
});
