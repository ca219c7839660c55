// How good is the rise alarm? `kikimimi burst` on the five tweet series of the Numenta Anomaly Benchmark, scored as NAB
// does with its standard profile, beside a fixed threshold. The data is not in the repository:
//
//     node bench/nab_score.mjs FOLDER [PROGRAM]     (FOLDER: Twitter_volume_*.csv and windows.json of NAB's realTweets)
//
// The rules of the score (Lavin and Ahmad 2015, and NAB's own scorer): the first 15 % of a series, at most 750 lines,
// are for learning and count nothing. The earliest alarm in a labelled window earns up to 1, less the later it comes,
// along a sigmoid; later ones in the same window nothing. A window without an alarm costs 1. An alarm outside costs up
// to 0.11, less just after a window. 0 is the detector that never speaks, 100 the one that speaks at the start of each
// window.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const kLearningShare = 0.15;
const kLearningLimitLines = 750;
const kFalseAlarm = 0.11;

const [folder, program = 'build/release/kikimimi'] = process.argv.slice(2);
if (!folder) {
  console.error('node bench/nab_score.mjs FOLDER [PROGRAM]');
  process.exit(2);
}
const windows = JSON.parse(readFileSync(join(folder, 'windows.json'), 'utf8'));
const second = (text) => text.slice(0, 19).replace('T', ' ');

// 1 at the left edge of a window, 0 at its right edge, towards -1 beyond it.
const position_score = (position) => (position >= 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1);

// The series' raw score, and what it is made of.
function score(times, alarms, labelled) {
  const learning = Math.min(Math.floor(kLearningShare * times.length), kLearningLimitLines);
  const index = new Map(times.map((time, at) => [second(time), at]));
  const spans = labelled.map((pair) => pair.map((time) => index.get(second(time))));
  const best = spans.map(() => -1);
  let false_alarms = 0;
  let cost = 0;
  alarms.forEach((alarm, at) => {
    if (!alarm || at < learning) return;
    const inside = spans.findIndex(([from, to]) => at >= from && at <= to);
    if (inside >= 0) {
      const [from, to] = spans[inside];
      const earned = position_score(-(to - at + 1) / (to - from + 1)) / position_score(-1);
      best[inside] = Math.max(best[inside], earned);
      return;
    }
    const [from, to] = spans.filter((span) => span[1] < at).at(-1) ?? [];
    const position = to === undefined ? 3 : (at - to) / (to - from);
    false_alarms += 1;
    cost += kFalseAlarm * position_score(position);
  });
  return {
    raw: cost + best.reduce((sum, value) => sum + value, 0),
    windows: spans.length,
    found: best.filter((value) => value >= 0).length,
    false_alarms,
  };
}

const normal = (parts) => {
  const all = parts.reduce((sum, part) => sum + part.windows, 0);
  return (100 * (parts.reduce((sum, part) => sum + part.raw, 0) + all)) / (2 * all);
};

const series = readdirSync(folder)
  .filter((name) => name.endsWith('.csv'))
  .map((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const rows = text
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(','));
    return { name, text, times: rows.map(([time]) => time), values: rows.map(([, value]) => Number(value)) };
  });

function ours({ text }) {
  const ran = spawnSync(program, ['burst'], { input: text, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (ran.status !== 0) throw new Error(ran.stderr || String(ran.error));
  const rows = ran.stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  return rows.map(([, , alarm]) => alarm === '1');
}

// Mean and standard deviation of the learning lines; the factor is the best one for all series together, which a desk
// could not know beforehand.
function fixed({ values }, factor) {
  const learning = values.slice(0, Math.min(Math.floor(kLearningShare * values.length), kLearningLimitLines));
  const mean = learning.reduce((sum, value) => sum + value, 0) / learning.length;
  const spread = Math.sqrt(learning.reduce((sum, value) => sum + (value - mean) ** 2, 0) / learning.length);
  return values.map((value) => value > mean + factor * spread);
}
// The kindest threshold: one for each series, the best of all that there are, knowing the labels.
function kindest(one) {
  const levels = [...new Set(one.values)];
  return levels
    .map((level) =>
      score(
        one.times,
        one.values.map((value) => value > level),
        windows[one.name],
      ),
    )
    .reduce((best, part) => (part.raw > best.raw ? part : best));
}

const parts = series.map((one) => {
  const part = score(one.times, ours(one), windows[one.name]);
  console.log(
    `${one.name.padEnd(26)} found ${part.found} of ${part.windows}, false alarms ${part.false_alarms}, ` +
      `raw ${part.raw.toFixed(2)}`,
  );
  return part;
});
console.log(`rise alarm                 ${normal(parts).toFixed(1)}`);
let best = { value: Number.NEGATIVE_INFINITY, factor: 0 };
for (let factor = 2; factor <= 40; factor += 0.25) {
  const value = normal(series.map((one) => score(one.times, fixed(one, factor), windows[one.name])));
  if (value > best.value) best = { value, factor };
}
console.log(`fixed: mean + ${best.factor} deviations  ${best.value.toFixed(1)}`);
console.log(`fixed: best for each series, labels known  ${normal(series.map(kindest)).toFixed(1)}`);
