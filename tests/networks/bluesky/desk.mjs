// A desk on a Bluesky network of its own, for somebody who wants to see the main job without an account anywhere:
//   node desk.mjs run [FLAGS]   the network with a brand and a customer, and `kikimimi serve FLAGS` that lives in it
//   node desk.mjs say TEXT      the customer posts
//   node desk.mjs show          the customer's posts and the answers, as everybody on the network sees them
// All of it lives on loopback and is forgotten at the end.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const state_file = here('../../../build/networks/bluesky-desk.json');
const brand_handle = 'bakery.test';
const customer_handle = 'customer.test';

function fail(text) {
  console.error(text);
  process.exit(1);
}

async function act(urls, action, body = {}) {
  const answer = await fetch(`${urls.control}/${action}`, { method: 'POST', body: JSON.stringify(body) });
  const value = await answer.json();
  if (!answer.ok) throw new Error(`${action}: ${value.error}`);
  return value;
}

function state() {
  try {
    return JSON.parse(readFileSync(state_file, 'utf8'));
  } catch {
    return fail('No local Bluesky network is running. Start one in another terminal: ./dev run --bluesky');
  }
}

const save = (value) => writeFileSync(state_file, JSON.stringify(value));

async function run(flags) {
  const network = spawn(here('start'), [], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  let program;
  let ending = false;
  const end = (code) => {
    if (ending) return;
    ending = true;
    process.exitCode = code;
    rmSync(state_file, { force: true });
    program?.kill('SIGTERM');
    network.stdin.end(); // the network goes, with everything it started, when nobody holds its input
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(0));
  network.on('exit', (code) => {
    if (!ending) console.error(`The local Bluesky network ended (${code}).`);
    end(1);
  });

  const urls = await new Promise((found) => {
    createInterface({ input: network.stdout }).once('line', (line) => found(JSON.parse(line)));
  });
  const brand = await act(urls, 'create-account', { handle: brand_handle, name: 'The Bakery' });
  await act(urls, 'create-account', { handle: customer_handle, name: 'A Customer' });
  save({ urls, posts: [] });
  if (ending) return;

  console.log(`
A Bluesky network of its own is up on this machine, and two accounts live on it:

  the brand      ${brand_handle}     app password  ${brand.app_password}
  a customer     ${customer_handle}

1. Open the link below, create the owner and name the brand. Choose "Connect an account", Bluesky, and enter the brand's
   handle and app password.
2. Be the customer in another terminal:         ./dev bluesky say "@${brand_handle} my order has not come"
3. Answer at the desk. What the network shows:  ./dev bluesky show

Ctrl+C ends it all; nothing is kept.
`);
  program = spawn(process.env.KIKIMIMI_BINARY ?? here('../../../build/release/kikimimi'), ['serve', ...flags], {
    stdio: 'inherit',
    env: {
      ...process.env,
      KIKIMIMI_BLUESKY_STREAM_URL: urls.firehose,
      KIKIMIMI_BLUESKY_STREAM_KIND: 'firehose',
      KIKIMIMI_BLUESKY_PLC_URL: urls.plc,
      KIKIMIMI_BLUESKY_ENTRYWAY_URL: urls.pds,
      KIKIMIMI_BLUESKY_APPVIEW_URL: urls.appview,
      KIKIMIMI_BLUESKY_POLL_INTERVAL_MS: '1000',
      KIKIMIMI_OUTBOUND_ALLOW: '127.0.0.1,localhost',
    },
  });
  program.on('error', (error) => {
    console.error(`The desk does not start: ${error.message}`);
    end(1);
  });
  program.on('exit', (code) => end(code ?? 1));
}

async function say(text) {
  if (!text) fail('What shall the customer say?  ./dev bluesky say "@bakery.test my order has not come"');
  const now = state();
  const langs = [/[\u3040-\u30ff\u4e00-\u9fff]/.test(text) ? 'ja' : 'en'];
  const { uri } = await act(now.urls, 'post', { handle: customer_handle, text, langs });
  save({ ...now, posts: [...now.posts, uri] });
  console.log(`${customer_handle} posted: ${text}`);
}

function print(thread, depth) {
  const { author, record } = thread.post;
  console.log(`${'  '.repeat(depth)}${author.handle}: ${record.text}`);
  for (const reply of thread.replies ?? []) print(reply, depth + 1);
}

async function show() {
  const { urls, posts } = state();
  if (posts.length === 0) console.log('The customer has said nothing yet:  ./dev bluesky say TEXT');
  await act(urls, 'process-all');
  for (const uri of posts) {
    const { thread } = await act(urls, 'thread', { uri });
    if (thread.post) print(thread, 0);
  }
}

const [verb, ...words] = process.argv.slice(2);
try {
  if (verb === 'run') await run(words);
  else if (verb === 'say') await say(words.join(' ').trim());
  else if (verb === 'show') await show();
  else fail('./dev bluesky say TEXT | show');
} catch (error) {
  fail(error.cause?.code === 'ECONNREFUSED' ? 'The local Bluesky network is gone: ./dev run --bluesky' : error.message);
}
