// All channels at once, for as long as one likes: customers write, agents answer, networks misbehave, and the program
// is killed again and again. At the end nothing is lost and nothing is doubled.
//
//     node tests/soak/soak.mjs --minutes 30 [--seed 7] [--only line,open]
//
// A channel takes part by a driver (see drivers.mjs):
//     settings      of the program; it is given random() and minutes
//     connect(desk) makes the account; called once
//     write(text)   a customer writes this; resolves when the program said that it has it
//     stir()        now and then: what the network owes (deliveries again, in another order)
//     settle()      after all: no more faults, and everything owed is delivered
//     arrived(text) how often an answer stands before the customer
//     check(found)  its own last words, for example that nothing broke the network's description; found.incoming: what
//                   the desk has, text → how often
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { Desk } from '../support/desk.mjs';
import { free_port } from '../support/ports.mjs';
import { sleep, until } from '../support/wait.mjs';
import { all_drivers } from './drivers.mjs';

export function random_from(start) {
  // mulberry32
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// Unclear for good: nobody but a person can tell.
const for_a_person = ['reply_in_doubt', 'maybe_sent'];
const is_passing = (error) => !error.status || error.status >= 500 || error.status === 429;

// Rows of the case list with their timelines, a few at a time: what the desk has in the end.
async function everything_on(desk) {
  const found = { incoming: new Map(), outgoing: new Map() };
  const rows = await desk.owner.all_cases();
  const work = [...rows];
  const reader = async () => {
    for (let row = work.pop(); row; row = work.pop()) {
      for (const item of await desk.owner.timeline(row.id)) {
        if (item.type !== 'post' || item.deleted_at) continue;
        if (item.direction === 'in') found.incoming.set(item.text, (found.incoming.get(item.text) ?? 0) + 1);
        else if (item.reply) found.outgoing.set(item.reply.id, { text: item.text, ...item.reply });
      }
    }
  };
  await Promise.all([reader(), reader(), reader(), reader()]);
  return found;
}

export async function soak({ minutes, seed, drivers, settings = {}, say = () => {} }) {
  const random = random_from(seed);
  for (const driver of drivers) Object.assign(driver, { random, minutes });
  const port = await free_port();
  const public_url = `http://127.0.0.1:${port}`; // where the networks find us, also after a restart
  const desk = await Desk.open({
    port,
    settings: Object.assign({ public_url }, settings, ...drivers.map((driver) => driver.settings)),
  });
  try {
    return await run({ desk, minutes, seed, drivers, random, say });
  } finally {
    // Also after a fault nothing stays behind.
    if (desk.program.running) await desk.program.kill();
    for (const driver of drivers) await driver.stop();
  }
}

async function run({ desk, minutes, seed, drivers, random, say }) {
  for (const driver of drivers) await driver.connect(desk);
  const end = Date.now() + minutes * 60_000;
  let over = false;
  let failure;
  const written = new Map(); // text → driver: the program said that it has it
  const replies = new Map(); // reply id → {text, driver}
  let number = 0;

  // Customers: a message without an acknowledgement is not a message yet, and is brought again.
  async function customers(driver) {
    while (!over) {
      number += 1;
      const text = `soak ${driver.name} ${number}: the tap drips`;
      await driver.write(text);
      written.set(text, driver);
      await sleep(random() * 120);
    }
  }

  async function network(driver) {
    while (!over) {
      await sleep(100 + random() * 400);
      await driver.stir();
    }
  }

  // Agents answer what is on top. A request without an answer is sent again under its request_id.
  const answered = new Set();
  async function agent() {
    while (!over) {
      try {
        const { items } = await desk.owner.in('GET', '/cases?view=now&limit=50');
        const row = items.find((found) => !answered.has(found.id) && found.preview.startsWith('soak '));
        if (!row) {
          await sleep(20);
          continue;
        }
        answered.add(row.id);
        const driver = drivers.find((one) => row.preview.startsWith(`soak ${one.name} `));
        const text = `Answer ${answered.size} to ${row.preview.split(':')[0]}`;
        const request_id = crypto.randomUUID();
        for (;;) {
          try {
            const reply = await desk.owner.reply(row.id, text, { request_id });
            replies.set(reply.id, { text, driver, case_id: row.id });
            break;
          } catch (error) {
            if (!is_passing(error)) throw error;
            await sleep(20 + random() * 50);
          }
        }
      } catch (error) {
        if (!is_passing(error)) throw error;
        await sleep(20);
      }
      await sleep(random() * 60);
    }
  }

  const work = Promise.all([
    ...drivers.flatMap((driver) => [customers(driver), network(driver)]),
    agent(),
    agent(),
  ]);
  work.catch((error) => {
    over = true;
    failure = error;
  });
  let kills = 0;
  let said_at = Date.now();
  while (Date.now() < end && !failure) {
    await sleep(Math.min(end - Date.now(), 1_500 + random() ** 2 * 8_000));
    if (Date.now() >= end) break;
    await desk.program.kill();
    kills += 1;
    await desk.program.start(random() < 0.8); // sometimes it dies again while still starting
    if (Date.now() - said_at > 60_000) {
      said_at = Date.now();
      say(`${written.size} messages, ${replies.size} replies, ${kills} kills`);
    }
  }
  if (!desk.program.running) await desk.program.start();
  await desk.program.ready();
  over = true;
  await work;
  for (const driver of drivers) await driver.settle();

  const on_its_way = ['held', 'queued', 'sending', 'sent'];
  const found = await until(
    'everything that can still move has moved',
    async () => {
      const all = await everything_on(desk);
      const missing = [...written.keys()].filter((text) => !all.incoming.has(text));
      const moving = [...all.outgoing.values()].filter(
        (reply) =>
          on_its_way.includes(reply.state) ||
          (reply.state === 'unclear' && !for_a_person.includes(reply.error_code)),
      );
      return missing.length === 0 && moving.length === 0
        ? all
        : Promise.reject(
            new Error(`${missing.length} missing (${missing[0]}), ${moving.length} on their way`),
          );
    },
    // An unclear mail is looked for again and again, some minutes apart.
    { timeout_ms: 1_200_000, every_ms: 2_000 },
  );

  for (const text of written.keys())
    assert.equal(found.incoming.get(text), 1, `"${text}" is there once (seed ${seed})`);
  for (const [text, count] of found.incoming)
    assert.equal(count, 1, `"${text}" is there twice (seed ${seed})`);
  const outcome = {};
  for (const [id, { text, driver }] of replies) {
    const reply = found.outgoing.get(id);
    assert.ok(reply, `the reply "${text}" is on the desk (seed ${seed})`);
    outcome[reply.state] = (outcome[reply.state] ?? 0) + 1;
    const arrived = await driver.arrived(text);
    assert.ok(arrived <= 1, `"${text}" arrived ${arrived} times (seed ${seed})`);
    if (reply.state === 'confirmed') assert.equal(arrived, 1, `"${text}" arrived (seed ${seed})`);
    else assert.ok(['unclear', 'failed'].includes(reply.state), `"${text}" ended as ${reply.state}`);
  }
  for (const driver of drivers) await driver.check(found);
  const result = { seed, kills, messages: written.size, replies: replies.size, outcome };
  await desk.stop();
  return result;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      only: { type: 'string', default: '' },
    },
  });
  const drivers = await all_drivers(Number(values.minutes), values.only.split(',').filter(Boolean));
  console.log(`channels: ${drivers.map((driver) => driver.name).join(', ')}; seed ${values.seed}`);
  const result = await soak({
    minutes: Number(values.minutes),
    seed: Number(values.seed),
    drivers,
    say: (words) => console.log(words),
  });
  console.log(JSON.stringify(result));
}
