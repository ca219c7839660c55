// docs/operate/settings.md is made from the table in src/base/settings.cpp; `--write` writes it, the tidy test
// compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../..', import.meta.url);
export const page = 'docs/operate/settings.md';

export function settings_page() {
  const table = readFileSync(new URL('src/base/settings.cpp', root), 'utf8').match(
    /kSettings\[\] = \{([\s\S]*?)\n\};/,
  )[1];
  const rows = [...table.matchAll(/\{\s*"([a-z0-9_.]+)",\s*k\w+,\s*"([^"]*)",\s*((?:"[^"]*"\s*)+)/g)].map(
    ([, key, initial, help]) => [key, initial, help.replace(/"\s*"/g, '').replace(/^"|"\s*$/g, '')],
  );
  if (rows.length < 5) throw new Error('the table of settings was not understood');
  const lines = rows.map(
    ([key, initial, help]) => `| \`${key}\` | ${initial ? `\`${initial}\`` : ''} | ${help} |`,
  );
  return `# Settings

A value comes from the strongest place that has it: the command line, the environment, the file given with \`--config\`,
the default. \`store.url\` is there \`--store-url\`, \`KIKIMIMI_STORE_URL\`, and in the file (TOML) \`url\` under
\`[store]\`.
A wrong value or an unknown key names itself, the file and the line. \`kikimimi doctor\` shows what is in force.
Outside of the table stands \`KIKIMIMI_SECRET_KEY\`, the key of [backup](backup.md), in the environment alone.

| key | default | what it is |
| --- | --- | --- |
${lines.join('\n')}

    # kikimimi.toml
    listen = "127.0.0.1:8080"
    data = "/var/lib/kikimimi"

    [log]
    level = "info"
`;
}

if (process.argv.includes('--write')) writeFileSync(fileURLToPath(new URL(page, root)), settings_page());
