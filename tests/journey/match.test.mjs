// `kikimimi match` as a Unix filter: queries from a file, posts by the pipe, matches by the pipe.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { program_path } from '../support/program.mjs';

const folder = mkdtempSync(join(tmpdir(), 'kikimimi-match-'));
after(() => rmSync(folder, { recursive: true }));

function match(queries, posts, flags = []) {
  const file = join(folder, 'queries.tsv');
  writeFileSync(file, queries);
  const input = posts.map((post) => (typeof post === 'string' ? post : JSON.stringify(post))).join('\n');
  const ran = spawnSync(program_path(), ['match', '--queries', file, ...flags], { input, encoding: 'utf8' });
  const lines = ran.stdout.split('\n').filter(Boolean);
  return { status: ran.status, stderr: ran.stderr, found: lines.map((line) => JSON.parse(line)) };
}

test('posts that match leave in order, with the queries in the order of the file', () => {
  const ran = match('b\t電池 -修理\na\tiphone\nc\tfrom:shop followers:>10\n', [
    { id: 1, text: 'iPhoneの電池' },
    { id: 'two', text: 'iphonesの電池を修理' },
    { id: '3', text: 'nothing', author: { handle: 'shop.example', followers: 11 } },
    { id: 'に', text: 'ＩＰＨＯＮＥ' },
  ]);
  assert.equal(ran.stderr, '');
  assert.equal(ran.status, 0);
  assert.deepEqual(ran.found, [
    { id: 1, queries: ['b', 'a'] },
    { id: '3', queries: ['c'] },
    { id: 'に', queries: ['a'] },
  ]);
});

test('--explain tells the terms and where they stand', () => {
  const ran = match('q\t電池 OR life\n', [{ id: 1, text: '😂電池 LIFE' }], ['--explain']);
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(ran.found[0].explain, [
    {
      query: 'q',
      terms: [
        { term: '電池', ranges: [{ utf16: [2, 4], bytes: [4, 10] }] },
        { term: 'life', ranges: [{ utf16: [5, 9], bytes: [11, 15] }] },
      ],
    },
  ]);
});

test('bad queries and lines are named with their numbers, and the rest goes on', () => {
  const ran = match('a\tiphone\nno tab\nb\t(iphone\na\tagain\n', [
    { id: 1, text: 'iphone' },
    '{broken',
    { text: 'iphone' },
    { id: 4, text: 'iphone', links: 'no list' },
    { id: 5, text: 'iphone' },
  ]);
  assert.equal(ran.status, 1);
  assert.deepEqual(
    ran.found.map((one) => one.id),
    [1, 5],
  );
  for (const place of [/tsv:2: /, /tsv:3: /, /tsv:4: /, /line 2: /, /line 3: id: /, /line 4: links: /])
    assert.match(ran.stderr, place);
});

test('several threads give the same lines in the same order', () => {
  const posts = Array.from({ length: 20_000 }, (_, i) => ({
    id: i,
    text: `${i % 3 ? 'iphone' : '電池'} ${'x'.repeat(i % 50)}`,
  }));
  const one = match('a\tiphone\nb\t電池\n', posts);
  const three = match('a\tiphone\nb\t電池\n', posts, ['--threads', '3']);
  assert.equal(one.found.length, posts.length);
  assert.deepEqual(three, one);
});

test('a file of queries that is not there is said', () => {
  const ran = spawnSync(program_path(), ['match', '--queries', join(folder, 'none.tsv')], {
    input: '',
    encoding: 'utf8',
  });
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /none\.tsv cannot be read/);
});
