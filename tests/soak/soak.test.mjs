// The short form of soak.mjs. KIKIMIMI_SOAK_MINUTES makes it longer, KIKIMIMI_SEED repeats a run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { all_drivers } from './drivers.mjs';
import { soak } from './soak.mjs';

const minutes = Number(process.env.KIKIMIMI_SOAK_MINUTES ?? 1);
const seed = Number(process.env.KIKIMIMI_SEED ?? Date.now() % 1_000_000);

test(`${minutes} minutes of all channels, with faults and kills`, async () => {
  const drivers = await all_drivers(minutes);
  const result = await soak({ minutes, seed, drivers });
  console.log(`# ${drivers.map((driver) => driver.name).join(', ')}: ${JSON.stringify(result)}`);
  assert.ok(result.kills > 0 && result.messages > 50 && result.replies > 10, 'there was work at hand');
});
