// The tree under test: who may include whom, how long a line and a page may be, what never stands in a file.
// Each rule collects every place that breaks it, so one run shows all there is to mend. `ctest -R tidy` runs it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { page, settings_page } from './settings_page.mjs';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { encoding: 'utf8' })
  .split('\0')
  .filter((file) => file && existsSync(file) && statSync(file).isFile())
  .sort();
const binary = /\.(png|jpe?g|gif|webp|ico|woff2?|bin|car|cbor|gz|pdf)$|(^|\/)\w+_corpus\//;
const texts = new Map(
  files.filter((file) => !binary.test(file)).map((file) => [file, readFileSync(file, 'utf8')]),
);
const code = [...texts].filter(([file]) =>
  /\.(cpp|hpp|S|mjs|tsx?|css|sh|cmake)$|^dev$|CMakeLists\.txt$/.test(file),
);
const source = code.filter(([file]) => /^src\/.*\.[ch]pp$/.test(file));

// Every line for which `wrong` gives a word about what is wrong, as "file:line: word".
function places(list, wrong) {
  const found = [];
  for (const [file, text] of list) {
    text.split('\n').forEach((line, index) => {
      const word = wrong(line, file);
      if (word) found.push(`${file}:${index + 1}: ${word}`);
    });
  }
  return found;
}

const none = (found) => assert.equal(found.length, 0, `\n${found.join('\n')}\n`);

// kiki_part(name DEPS …) of CMakeLists.txt, in the order of the path of a post.
const parts = new Map();
for (const [, name, rest] of texts.get('CMakeLists.txt').matchAll(/^kiki_part\(([\w/]+)([^)]*)\)/gm)) {
  const deps = (rest.match(/DEPS([^)]*?)(?:LIBS|$)/)?.[1] ?? '').trim().split(/\s+/).filter(Boolean);
  parts.set(name, deps);
}
const partOf = (path) => {
  const names = [...parts.keys()].filter((name) => path.startsWith(`${name}/`));
  return names.sort((a, b) => b.length - a.length)[0];
};

test('a stage depends only on what stands before it on the path', () => {
  const seen = new Set();
  const found = [];
  for (const [name, deps] of parts) {
    for (const dep of deps)
      if (!seen.has(dep)) found.push(`CMakeLists.txt: ${name} before its own need ${dep}`);
    seen.add(name);
  }
  assert.ok(parts.size > 15, 'kiki_part lines were read');
  none(found);
});

test('a folder includes itself and what its kiki_part line names', () => {
  none(
    places(source, (line, file) => {
      const own = partOf(file.slice('src/'.length));
      const included = line.match(/^\s*#include "([^"]+)"/)?.[1];
      if (!included || !file.slice('src/'.length).includes('/')) return;
      const part = partOf(included);
      if (!part) return `"${included}" belongs to no part`;
      if (part !== own && !parts.get(own)?.includes(part)) return `${own} may not include ${part}`;
    }),
  );
});

test('every folder of src belongs to a part', () => {
  none(source.map(([file]) => file).filter((file) => file.slice(4).includes('/') && !partOf(file.slice(4))));
});

test('nobody asks which network it is by name', () => {
  none(
    places(
      source.filter(([file]) => !/^src\/channels\/|_test\.cpp$/.test(file)),
      (line) =>
        /[!=]= "(bluesky|x|line|mastodon|instagram|facebook)"|\bnetwork [!=]= "mail"/.test(line) &&
        'a network by name',
    ),
  );
});

test('coroutines live in src/net, and no TRY stands in one', () => {
  none(
    places(
      source.filter(([file]) => !file.startsWith('src/net/')),
      (line) => /^(?!\s*\/\/).*\bco_(await|return|yield)\b/.test(line) && 'a coroutine outside of src/net',
    ),
  );
  const found = [];
  for (const [file, text] of source.filter(([name]) => name.startsWith('src/net/'))) {
    // A top-level definition ends with a brace at the beginning of a line.
    for (const block of text.replace(/\/\/.*$/gm, '').split(/^}/m)) {
      if (/\bco_(await|return)\b/.test(block) && /\bTRY\(/.test(block)) {
        found.push(`${file}: TRY in a coroutine: ${block.trim().split('\n')[0]}`);
      }
    }
  }
  none(found);
});

test('headers that others include are light', () => {
  const heavy =
    /#include <(boost\/(asio|beast|url|json\.hpp)|spdlog\/|simdjson|toml\+\+|CLI\/|curl\/|sqlite3|libpq)/;
  const includes = (path) =>
    [...(texts.get(`src/${path}`) ?? '').matchAll(/^\s*#include "([^"]+)"/gm)].map((hit) => hit[1]);
  const open = []; // headers that another folder sees, straight or through a header
  for (const [file] of source) {
    const path = file.slice('src/'.length);
    open.push(...includes(path).filter((name) => partOf(name) !== partOf(path)));
  }
  const seen = new Set();
  while (open.length > 0) {
    const name = open.pop();
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...includes(name));
  }
  none(
    places(
      source.filter(([file]) => seen.has(file.slice('src/'.length))),
      (line) => heavy.test(line) && `heavy in a public header: ${line}`,
    ),
  );
  none(
    source
      .filter(([file, text]) => file.endsWith('.hpp') && !text.includes('#pragma once'))
      .map(([file]) => `${file}: no #pragma once`),
  );
});

test('lines have at most 120 columns and no tab', () => {
  const wide = new Set(['console/src/api/types.ts']); // one route a line reads better there
  none(
    places(
      code.filter(([file]) => !wide.has(file) && !/\.generated\./.test(file)),
      (line) => {
        if ([...line].length > 120) return `${[...line].length} columns`;
        return line.includes('\t') && 'a tab';
      },
    ),
  );
});

test('nothing knows the machine it was written on', () => {
  const machine = /(?<![\w.}/$-])\/(home|root|Users|work|mnt)\/[a-z]/i;
  const hosts = [
    'registry.npm' + 'js.org',
    'npm' + 'js.org/',
    'jfrog' + '.',
    'artifact' + 'ory',
    '-npm.pkg' + '.dev',
    'deb.debian' + '.org',
    'pypi' + '.org',
    'crates' + '.io',
  ];
  none(
    places(texts, (line) => {
      if (machine.test(line)) return 'an absolute machine path';
      const host = hosts.find((name) => line.includes(name));
      return host && 'a registry host';
    }),
  );
});

test('no half-done marks', () => {
  const marks = new RegExp(`\\b(${'FIX'}ME|${'XX'}X|${'TO'}DO)\\b`);
  none(places(code, (line) => marks.test(line) && line.trim()));
});

test('every folder of src says in at most 30 lines what it is', () => {
  const found = [];
  const folders = new Set(source.map(([file]) => partOf(file.slice(4))).filter(Boolean));
  for (const folder of folders) {
    const readme = `src/${folder}/README.md`;
    if (!texts.has(readme)) found.push(`${readme} is missing`);
    else if (texts.get(readme).trimEnd().split('\n').length > 30)
      found.push(`${readme} is longer than 30 lines`);
  }
  none(found);
});

test('every source file opens by saying what it is, or its header does', () => {
  const headers = new Set(files.filter((file) => file.endsWith('.hpp')));
  none(
    source
      .filter(
        ([file, text]) =>
          !(file.endsWith('.cpp') && headers.has(file.replace(/\.cpp$/, '.hpp'))) &&
          !/_(test|fuzz|bench)\.cpp$/.test(file) &&
          !text
            .split('\n')
            .slice(0, 12)
            .some((line) => line.startsWith('//')),
      )
      .map(([file]) => `${file}: no opening words`),
  );
});

test('ARCHITECTURE.md is one page', () => {
  assert.ok((texts.get('ARCHITECTURE.md') ?? '').trimEnd().split('\n').length <= 80);
});

test('tests stand beside the code, and names are snake_case', () => {
  none(files.filter((file) => /_(test|fuzz)\.cpp$/.test(file) && !/^(src|tests)\//.test(file)));
  none(
    source
      .map(([file]) => file)
      .filter((file) => !/^[a-z0-9_]+\.[ch]pp$/.test(basename(file)) || !/^[a-z0-9_/]+$/.test(dirname(file))),
  );
});

// The names in "{name} has {count, plural, one {# case} other {# cases}}": a brace opens a gap at an even depth.
function gaps(text) {
  const names = new Set();
  let depth = 0;
  for (const [index, letter] of String(text).split('').entries()) {
    if (letter === '{' && depth % 2 === 0)
      names.add(
        String(text)
          .slice(index)
          .match(/^\{(\w*)/)[1],
      );
    if (letter === '{') depth += 1;
    if (letter === '}') depth -= 1;
  }
  return [...names].sort().join();
}

test('Japanese and English have the same texts with the same gaps', () => {
  const flat = (value, prefix = '') =>
    Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === 'object' ? flat(inner, `${prefix}${key}.`) : [[prefix + key, inner]],
    );
  const names = files.filter((file) => /(^|\/)i18n\/(ja)\.json$/.test(file));
  assert.ok(names.length > 0, 'i18n/ja.json exists');
  const found = [];
  for (const name of names) {
    const ja = new Map(flat(JSON.parse(texts.get(name))));
    const en = new Map(flat(JSON.parse(texts.get(name.replace('ja.json', 'en.json')))));
    for (const key of new Set([...ja.keys(), ...en.keys()])) {
      if (!ja.has(key) || !en.has(key)) found.push(`${key}: only in ${ja.has(key) ? 'ja' : 'en'}`);
      else if (!String(ja.get(key)).trim() || !String(en.get(key)).trim()) found.push(`${key}: empty`);
      else if (gaps(ja.get(key)) !== gaps(en.get(key))) found.push(`${key}: gaps differ`);
    }
  }
  none(found);
});

// A heading's anchor as GitHub makes it; a title that comes again gets a number.
function anchors(text) {
  const seen = new Map();
  const made = new Set();
  for (const [, title] of text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} +(.+?)\s*$/gm)) {
    const plain = title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = plain.replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '').replaceAll(' ', '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    made.add(times ? `${anchor}-${times}` : anchor);
  }
  return made;
}

test('links between the documents lead somewhere', () => {
  const found = [];
  for (const [file, text] of texts) {
    if (!file.endsWith('.md')) continue;
    for (const [, link] of text.matchAll(/\]\(([^)\s]+)[^)]*\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [target, anchor] = link.split('#');
      const path = target.startsWith('/') ? target.slice(1) : target ? join(dirname(file), target) : file;
      if (!existsSync(path)) found.push(`${file}: ${link}`);
      else if (anchor && !anchors(texts.get(path) ?? '').has(decodeURIComponent(anchor)))
        found.push(`${file}: ${link}: no such heading`);
    }
  }
  none(found);
  none(
    places(texts, (line) =>
      [...line.matchAll(/\bdocs\/[\w./-]+\.md\b/g)]
        .map(([path]) => path)
        .filter((path) => !existsSync(path))
        .join(),
    ),
  );
});

// The pages for people at the desk, and for who is woken at night: NAME.md and NAME.ja.md.
const pages = new Map(
  [...texts].filter(([file]) => /^docs\/(use\/[^/]+|operate\/woken-at-night(\.ja)?)\.md$/.test(file)),
);
const is_japanese = (file) => file.endsWith('.ja.md');
const sister = (file) =>
  is_japanese(file) ? file.replace(/\.ja\.md$/, '.md') : file.replace(/\.md$/, '.ja.md');

test('every page for people at the desk is there in both languages, and they name each other', () => {
  const found = [];
  for (const [file, text] of pages) {
    if (!pages.has(sister(file))) found.push(`${sister(file)} is missing`);
    const opening = text.split('\n').slice(0, 4).join('\n');
    if (!opening.includes(`](${basename(sister(file))})`))
      found.push(`${file} does not open with its sister`);
    const kana = text.match(/[\p{sc=Hiragana}\p{sc=Katakana}]/gu)?.length ?? 0;
    if (is_japanese(file) !== kana > text.length / 10) found.push(`${file} is in the other language`);
  }
  assert.ok(pages.size > 40, 'the pages were read');
  none(found);
});

test('Japanese pages lead to Japanese pages, English ones to English ones', () => {
  none(
    places(pages, (line, file) =>
      [...line.matchAll(/\]\(([^)#\s]+)/g)]
        .map(([, target]) => join(dirname(file), target))
        .filter((path) => pages.has(path) && path !== sister(file) && is_japanese(path) !== is_japanese(file))
        .join(),
    ),
  );
});

test('a way through the settings names them as the console does', () => {
  const foreign = /^(Privacy and security|プライバシーとセキュリティ|Messaging API)/; // settings of networks
  const named = ['ja', 'en'].flatMap((language) =>
    Object.entries(JSON.parse(texts.get(`i18n/${language}.json`)))
      .filter(([key]) => /^settings\.\w+$/.test(key))
      .map(([, words]) => words),
  );
  assert.ok(named.length > 40, 'the settings were read');
  const documents = [...texts].filter(([file]) => /^(README|docs\/.*)\.md$/.test(file));
  none(
    places(documents, (line) =>
      [...line.matchAll(/(?:Settings|設定) → [*「]*([^*「」→\n]+)/g)]
        .map(([, words]) => words)
        .filter((words) => !foreign.test(words) && !named.some((name) => words.startsWith(name)))
        .join(),
    ),
  );
});

test('the table of contents names every page', () => {
  const found = [];
  for (const contents of ['docs/use/README.md', 'docs/use/README.ja.md']) {
    for (const file of pages.keys()) {
      if (dirname(file) !== 'docs/use' || is_japanese(file) !== is_japanese(contents) || file === contents)
        continue;
      if (!pages.get(contents)?.includes(`](${basename(file)}`)) found.push(`${contents}: ${basename(file)}`);
    }
  }
  none(found);
});

test('every field that connects an account has words', () => {
  const found = [];
  const words = JSON.parse(texts.get('i18n/en.json'));
  let fields = 0;
  for (const [file, text] of source) {
    const network = file.match(/^src\/channels\/(\w+)\//)?.[1];
    if (!network || /_test\.cpp$/.test(file)) continue;
    // {"key", "type", required, "default"}
    for (const [, key] of text.matchAll(/\{"(\w+)",\s*"\w+",\s*(?:true|false),/g)) {
      fields += 1;
      if (!words[`network.${network}.field.${key}`]) found.push(`${file}: network.${network}.field.${key}`);
    }
  }
  assert.ok(fields > 15, 'the fields were read');
  none(found);
});

test('what an account says of itself has words', () => {
  const found = [];
  const known = JSON.parse(texts.get('i18n/en.json'));
  let read = 0;
  const look = (file, line, word) => {
    if (word === '') return;
    read += 1;
    if (!known[`account.detail.${word}`] && !known[`error.${word}`]) found.push(`${file}:${line} ${word}`);
  };
  const quoted = (text) => [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word]) => word);
  for (const [file, text] of source) {
    if (!/\.cpp$/.test(file) || /_(test|fuzz)\.cpp$/.test(file)) continue;
    const line_of = (at) => text.slice(0, at).split('\n').length;
    for (const one of text.matchAll(/\bhealth\(\s*"\w+",([^;]*);/g))
      for (const word of quoted(one[1])) look(file, line_of(one.index), word);
    for (const one of text.matchAll(/\bstatus_detail\(\s*"([^"]*)"/g)) look(file, line_of(one.index), one[1]);
    for (const [, refused, said] of text.matchAll(
      /\b(?:refused|refusal)\(\d+, "([^"]*)"|\bnote = "([^"]*)"/g,
    )) {
      const note = refused ?? said;
      if (
        note &&
        /^src\/(channels|accounts)\//.test(file) &&
        !known[`account.hook.note.${note.toLowerCase().replace(/[^a-z]+/g, '_')}`]
      )
        found.push(`${file}: account.hook.note of "${note}"`);
    }
    if (file === 'src/channels/contract/status_detail.cpp')
      for (const word of quoted(text)) if (/^[a-z_]+$/.test(word)) look(file, 1, word);
  }
  assert.ok(read > 25, `the words were read: ${read}`);
  none(found);
});

test('what an account says of itself is never the bare message of an error', () => {
  const found = [];
  let read = 0;
  for (const [file, text] of source) {
    if (!/^src\/channels\/.*\.cpp$/.test(file) || /_(test|fuzz)\.cpp$/.test(file)) continue;
    for (const one of text.matchAll(/\b(?:health|problem)\(([^;]*)\);/g)) {
      read += 1;
      if (/\bmessage$/.test(one[1].trim()))
        found.push(`${file}:${text.slice(0, one.index).split('\n').length}`);
    }
  }
  assert.ok(read > 10, `the calls were read: ${read}`);
  none(found);
});

test('every command of the program stands on the page of who runs it', () => {
  const commands = [...texts.get('src/main.cpp').matchAll(/add_subcommand\(\s*"(\w+)"/g)].map(
    ([, name]) => name,
  );
  assert.ok(commands.length > 4, 'the commands were read');
  none(commands.filter((name) => !texts.get('docs/operate/README.md').includes(`| \`kikimimi ${name}\` |`)));
});

test('every metric, and every notice about an account, stands on the pages of who runs it', () => {
  const found = [];
  const metrics = source
    .filter(([file]) => /\.cpp$/.test(file) && !/_test\.cpp$/.test(file))
    .flatMap(([, text]) => [...text.matchAll(/"(kikimimi_\w+)"/g)].map(([, name]) => name));
  const notices = Object.keys(JSON.parse(texts.get('i18n/en.json')))
    .map((key) => key.match(/^notice\.(account_\w+)\.title$/)?.[1])
    .filter(Boolean);
  assert.ok(metrics.length > 5 && notices.length > 2, 'they were read');
  for (const page of ['metrics.md', 'woken-at-night.md', 'woken-at-night.ja.md']) {
    const told = texts.get(`docs/operate/${page}`);
    for (const name of metrics) if (!told.includes(`\`${name}`)) found.push(`${page}: ${name}`);
    for (const name of page === 'metrics.md' ? [] : notices)
      if (!told.includes(`\`notice.${name}\``)) found.push(`${page}: notice.${name}`);
  }
  none(found);
});

test('the page of settings is the table of settings', () => {
  assert.equal(texts.get(page), settings_page(), 'node tests/tidy/settings_page.mjs --write');
  const asked = source.flatMap(([, text]) =>
    [...text.matchAll(/getenv\("(KIKIMIMI_\w+)"/g)].map(([, name]) => name),
  );
  assert.ok(asked.length > 0, 'what is asked of the environment was read');
  none(asked.filter((name) => !texts.get(page).includes(`\`${name}\``)));
});

test('the pages of keys name every key of the console', () => {
  const keymap = texts.get('console/src/keys/keymap.ts') ?? '';
  const keys = [...keymap.matchAll(/\{ keys: '([^']+)'/g)].map(([, key]) => key.replace('Mod+', 'Ctrl+'));
  assert.ok(keys.length > 20, 'the keymap was read');
  for (const told of ['docs/use/keyboard.md', 'docs/use/keyboard.ja.md'])
    none(keys.filter((key) => !texts.get(told).includes(`\`${key}\``)).map((key) => `${told}: ${key}`));
});
