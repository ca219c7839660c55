// Both languages have the same words, every word is used, and every used word exists.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import en from '../../../i18n/en.json';
import ja from '../../../i18n/ja.json';

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.test\.ts$/.test(entry.name) ? [readFileSync(path, 'utf8')] : [];
  });
}
const code = sources(join(import.meta.dirname, '..')).join('\n');
// Names the server or a channel supplies: looked up with a fallback, so they are not in the code by name.
const supplied = [
  /^network\./,
  /^server\./,
  /^account\.detail\./,
  /^error\./,
  /^dismiss\./,
  /^holiday\./,
  /^query\./,
];

test('the same keys in both files, sorted', () => {
  expect(Object.keys(ja)).toEqual(Object.keys(en));
  expect(Object.keys(en)).toEqual(Object.keys(en).toSorted());
});
test('the same parameters in both languages', () => {
  const names = (message: string) =>
    [...new Set([...message.matchAll(/(?<!(?:one|other|=\d+) )\{(\w+)[,}]/g)].map((hit) => hit[1]))].sort();
  const wrong = (Object.keys(en) as (keyof typeof en)[]).filter((key) => {
    // The server, or the web chat's own script, fills these.
    if (/^(query|server\.chat|network\.chat)\./.test(key)) return false;
    const known = new Set([...names(en[key]), ...names(ja[key])]);
    // A language may leave a parameter out, but may not invent one that only it knows and nobody passes.
    return [...known].some(
      (name) => !code.includes(`${name}:`) && !new RegExp(`[{,]\\s*${name}\\s*[,}]`).test(code),
    );
  });
  expect(wrong).toEqual([]);
});
test('no empty words', () => {
  for (const messages of [ja, en])
    for (const [key, text] of Object.entries(messages)) expect(text.trim(), key).not.toBe('');
});
test('every key is used', () => {
  const patterns = [...code.matchAll(/`([a-z_.]*\$\{[^`]*)`/g)].map(
    (hit) =>
      new RegExp(
        `^${hit[1]!
          .replace(/\$\{[^}]*\}/g, '\u0000')
          .replace(/[.*+?^()|[\]\\]/g, '\\$&')
          .replaceAll('\u0000', '[^.]+')}$`,
      ),
  );
  const specific = patterns.filter(
    (pattern) => pattern.source !== '^[^.]+$' && /[a-z]{3}/.test(pattern.source),
  );
  const unused = Object.keys(en).filter(
    (key) =>
      !code.includes(`'${key}'`) &&
      !supplied.some((one) => one.test(key)) &&
      !specific.some((one) => one.test(key)),
  );
  expect(unused).toEqual([]);
});
