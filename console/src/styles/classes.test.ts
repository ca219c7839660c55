// A class that a component names and its style sheet lacks would be no class at all, and nobody is told.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.tsx'))
  .map((name) => join(root, name));

test('every class a component names stands in its style sheet', () => {
  const missing: string[] = [];
  let seen = 0;
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    for (const [, name, path] of text.matchAll(/import (\w+) from '(\.[^']+\.module\.css)'/g)) {
      const classes = new Set(readFileSync(join(dirname(file), path!), 'utf8').match(/(?<=\.)[a-z][\w-]*/gi));
      for (const [, used] of text.matchAll(new RegExp(`(?<![\\w.'/])${name}\\.(\\w+)`, 'g'))) {
        seen += 1;
        if (!classes.has(used!)) missing.push(`${file.slice(root.length)}: ${name}.${used}`);
      }
    }
  }
  expect(seen).toBeGreaterThan(300);
  expect(missing).toEqual([]);
});
