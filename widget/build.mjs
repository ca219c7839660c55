// Builds the two scripts for the brand's pages into console/dist/chat, with the console's own tools.
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const console_folder = `${here}../console`;
const tools = createRequire(`${console_folder}/package.json`);
const { build } = await import(pathToFileURL(tools.resolve('rolldown')));
const out = `${console_folder}/dist/chat`;
mkdirSync(out, { recursive: true });
for (const [entry, name] of [
  ['chat.ts', 'widget.js'],
  ['reach.ts', 'reach.js'],
]) {
  await build({
    input: `${here}src/${entry}`,
    transform: { target: 'es2022' },
    output: { file: `${out}/${name}`, format: 'iife', minify: true },
    logLevel: 'warn',
  });
}
copyFileSync(`${here}src/page.css`, `${out}/page.css`);
