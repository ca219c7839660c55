// The program is killed (kill -9) at random moments while posts arrive and replies leave. Afterwards every accepted
// post is there exactly once, and every reply was sent exactly once (by its webhook-id) or is visibly unsent.
// KIKIMIMI_CRASHES says how often (100), KIKIMIMI_SEED repeats a run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Desk, open_post } from '../support/desk.mjs';
import { Postgres } from '../support/postgres.mjs';
import { sleep, until } from '../support/wait.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';

const crashes = Number(process.env.KIKIMIMI_CRASHES ?? 100);
const seed = Number(process.env.KIKIMIMI_SEED ?? Date.now() % 1_000_000);

function random_from(start) {
  // mulberry32
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

async function journey(settings, times) {
  const random = random_from(seed);
  const receiver = await WebhookReceiver.start();
  const desk = await Desk.open({ settings });
  const shop = await desk.open_account(desk.owner, { webhook_url: receiver.url });
  receiver.secret = shop.secret;
  const accepted = new Set(); // external ids the program said "accepted" to
  const replies = new Map(); // id -> {case_id, text}: the program said 202 to
  const asked = new Set(); // request ids sent, whether answered or not
  let posts = 0;
  let over = false;

  // Posts arrive all the time; one without an answer is sent again, as a real sender would.
  async function sender() {
    while (!over) {
      const batch = Array.from({ length: 1 + Math.floor(random() * 5) }, () => open_post(++posts));
      while (!over) {
        try {
          const { items } = await shop.program.post('/open/posts', { posts: batch });
          for (const item of items) if (item.status === 'accepted') accepted.add(item.external_id);
          break;
        } catch (error) {
          if (error.status && error.status < 500) throw error;
          await sleep(5 + random() * 30);
        }
      }
      await sleep(random() * 20);
    }
  }

  // An agent answers whatever is on top; without an answer the same request_id is sent again.
  async function answerer() {
    const answered = new Set();
    while (!over) {
      try {
        const row = (await desk.owner.in('GET', '/cases?view=now&limit=20')).items.find(
          (found) => !answered.has(found.id),
        );
        if (!row) {
          await sleep(10);
          continue;
        }
        answered.add(row.id);
        const request_id = crypto.randomUUID();
        const text = `Answer to ${row.number}.`;
        asked.add(request_id);
        for (;;) {
          try {
            const reply = await desk.owner.reply(row.id, text, { request_id });
            replies.set(reply.id, { case_id: row.id, text });
            break;
          } catch (error) {
            if (over || (error.status && error.status < 500)) throw error;
            await sleep(5 + random() * 30);
          }
        }
      } catch (error) {
        if (error.status && error.status < 500 && !over) throw error;
        await sleep(10);
      }
      await sleep(random() * 30);
    }
  }

  // The receiver is not always quick, and not always well.
  receiver.answer = () => (random() < 0.03 ? 503 : random() < 0.03 ? 'drop' : 204);
  const work = Promise.all([sender(), answerer()]);
  let failure;
  work.catch((error) => {
    failure = error;
  });
  for (let crash = 0; crash < times && !failure; crash += 1) {
    await sleep(20 + random() ** 2 * 600);
    await desk.program.kill();
    await desk.program.start(random() < 0.8); // sometimes it dies again while still starting
  }
  if (!desk.program.running) await desk.program.start();
  await desk.program.ready();
  receiver.answer = () => 204;
  over = true;
  await work;

  await until(
    'every accepted post is a case',
    async () => (await desk.owner.all_cases()).length >= accepted.size,
    { timeout_ms: 120_000, every_ms: 500 },
  );
  const cases = await desk.owner.all_cases();
  const texts = new Map();
  for (const row of cases) {
    for (const item of await desk.owner.timeline(row.id)) {
      if (item.type === 'post' && item.direction === 'in')
        texts.set(item.text, (texts.get(item.text) ?? 0) + 1);
    }
  }
  for (const id of accepted) {
    assert.equal(
      texts.get(open_post(id.slice('post-'.length)).text),
      1,
      `${id} is there exactly once (seed ${seed})`,
    );
  }
  assert.ok(
    [...texts.values()].every((count) => count === 1),
    'nothing is there twice',
  );

  // Everything that can still leave has left when no reply is on its way any more.
  const states = await until(
    'no reply is on its way',
    async () => {
      const found = new Map();
      for (const [id, { case_id }] of replies)
        found.set(id, (await desk.owner.reply_state(case_id, id))?.state);
      const open = [...found.values()].filter((state) =>
        ['held', 'queued', 'sending', 'unclear', 'sent'].includes(state),
      );
      return open.length === 0 && found;
    },
    { timeout_ms: 300_000, every_ms: 2_000 },
  );
  const ids_of = new Map(); // text -> webhook-ids that were accepted
  for (const request of receiver.requests.filter((entry) => entry.status === 204)) {
    assert.ok(request.ok, 'every webhook is signed');
    const ids = ids_of.get(request.body.text) ?? new Set();
    ids_of.set(request.body.text, ids.add(request.id));
  }
  const outcome = {};
  for (const [id, { text }] of replies) {
    const state = states.get(id);
    outcome[state] = (outcome[state] ?? 0) + 1;
    assert.ok(['confirmed', 'failed'].includes(state), `reply ${id} ended as ${state} (seed ${seed})`);
    if (state === 'confirmed')
      assert.equal(ids_of.get(text)?.size, 1, `"${text}" arrived under one id (seed ${seed})`);
  }
  for (const [text, ids] of ids_of)
    assert.equal(ids.size, 1, `"${text}" under ${ids.size} ids (seed ${seed})`);
  console.log(
    `# seed ${seed}: ${desk.program.starts} starts, ${accepted.size} posts accepted, ` +
      `${replies.size} replies: ${JSON.stringify(outcome)}`,
  );
  assert.ok(accepted.size > times && replies.size > times / 4, 'there was work at hand while it was killed');
  await desk.stop();
  await receiver.stop();
}

test(`SQLite: ${crashes} kills`, () => journey({}, crashes));

test(`PostgreSQL: ${Math.ceil(crashes / 10)} kills`, async () => {
  const server = await Postgres.start();
  await journey({ 'store.url': server.database('crash') }, Math.ceil(crashes / 10));
  await server.stop();
});
