// The desk's whole day, in the browser alone: a lead sets up hours, a promise, the playbook's checks, the voice and the
// roster; then two agents at two browsers work the sample day to its end by keyboard, while the lead answers what
// waits for a second person. No reply is late, unsafe or doubled.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, no_faults, picture, words } from '../support/browser.mjs';
import { Desk } from '../support/desk.mjs';
import { until } from '../support/wait.mjs';

const t = words('en');
let desk;
let browser;
let lead;
let agents;
let live;
before(async () => {
  desk = await Desk.open();
  lead = await desk.person('lead');
  agents = [await desk.person('agent'), await desk.person('agent')];
  live = await lead.live();
  browser = await Browser.launch();
});
after(async () => {
  await live?.close();
  await browser?.close();
  await desk?.stop();
});

const button = (page, key) => page.getByRole('button', { name: t(key) });
const settings = (section) =>
  browser.page({ client: lead, url: `${lead.url}/w/${lead.workspace}/settings/${section}` });
async function close(page) {
  no_faults(page);
  await page.context().close();
}
async function type_into(field, text) {
  await field.focus();
  await field.page().keyboard.press('Control+A');
  await field.page().keyboard.insertText(text);
  await field.page().keyboard.press('Tab');
}

test('a lead sets up hours, a promise, checks, voice and roster', async () => {
  const promises = await settings('promises');
  await button(promises, 'promise.calendar.add').click();
  const hours = promises.getByRole('article').nth(1);
  await type_into(hours.getByLabel(t('field.name'), { exact: true }).first(), 'Desk');
  const day = (page, n) =>
    page.getByLabel(
      new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: 'UTC' }).format(Date.UTC(2023, 0, 1 + n)),
      { exact: true },
    );
  for (const n of [0, 1, 2, 3, 4, 5, 6]) await type_into(day(hours, n), '0:00-24:00');
  const policy = promises.getByRole('article').nth(2);
  await policy.getByLabel(t('promise.hours'), { exact: true }).selectOption('hours-1');
  await type_into(
    policy.getByLabel(t('promise.minutes.inside', { what: t('promise.kind.first_reply') }), { exact: true }),
    '240',
  );
  await promises.getByRole('button', { name: t('action.save'), exact: true }).click();
  await until('hours and promise are kept', async () => {
    const book = await lead.in('GET', '/promises');
    return book.calendars.length === 2 && book.policies.at(-1).first_reply.inside_minutes === 240;
  });
  await close(promises);

  const replies = await settings('replies');
  await replies.getByLabel(t('check.exclamations.name'), { exact: true }).selectOption('second_person');
  await button(replies, 'rules.save').click();
  await replies.getByText(t('toast.saved')).first().waitFor();
  await replies.getByLabel(t('voice.max_exclamations')).fill('0');
  await button(replies, 'voice.save').click();
  await until(
    'the voice is kept',
    async () => (await lead.in('GET', '/voice-guides')).shared.max_exclamations === 0,
  );
  await close(replies);

  const roster = await settings('roster');
  for (const agent of agents) {
    const card = roster.getByRole('article').filter({ hasText: agent.me.name });
    for (const n of [0, 1, 2, 3, 4, 5, 6]) await type_into(day(card, n), '0:00-24:00');
  }
  await roster.getByRole('button', { name: t('action.save'), exact: true }).click();
  await until('the roster is kept', async () => (await lead.in('GET', '/roster')).shifts.length === 14);
  await close(roster);
});

// Every fifth answer is too loud for the voice, and must wait for the lead.
const loud = (turn) => turn % 5 === 4;
const is_japanese = (text) => /\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Han}/u.test(text);
const answer = (agent, row, turn) => {
  const who = agent.me.name;
  return is_japanese(row.preview)
    ? `${row.name}様、ご連絡ありがとうございます。${who}が番号${row.number}を${turn}番目に確認しております` +
        (loud(turn) ? '！' : '。')
    : `Hello ${row.name}, thank you for writing. ${who} looks into number ${row.number} as the ${turn}th` +
        (loud(turn) ? '!' : '.');
};

// One case from the key for the next best to its end; false when nothing waits.
async function work(agent, page, log) {
  const [answered] = await Promise.all([page.waitForResponse(/\/cases\/next$/), page.keyboard.press('f')]);
  const { case: given } = await answered.json();
  if (!given) return false;
  await until('the case is open', () => page.url().endsWith(`/case/${given.id}`));
  const { id } = given;
  const { case: row, can_reply: ways } = await agent.in('GET', `/cases/${id}`).then((detail) => ({
    case: detail.case ?? detail,
    can_reply: detail.can_reply,
  }));
  await page.locator('main').getByText(`#${row.number}`).first().waitFor();
  const quiet = row.triage?.no_contact || row.triage?.among_users || row.triage?.kind === 'chatter';
  if (ways.length === 0 || quiet) {
    await page.keyboard.press('d');
    await page.getByRole('combobox', { name: t('pick.dismiss', { count: 1 }) }).waitFor();
    await page.keyboard.press('Enter');
    await until(
      'it is dismissed',
      async () => (await agent.in('GET', `/cases/${id}`)).status === 'dismissed',
    );
    log.push({ row });
    return true;
  }
  const text = answer(agent, row, log.length + 1);
  await page.keyboard.press('r');
  const box = page.getByLabel(t('composer.reply.label'), { exact: true });
  await until('the box has the focus', () => box.evaluate((field) => field === document.activeElement));
  await page.keyboard.insertText(text);
  if (loud(log.length + 1)) await button(page, 'action.ask_approval').waitFor();
  await page.keyboard.press('Control+Enter');
  await until(
    'it left, or waits',
    async () => (await box.inputValue().catch(() => '')) === '' && !(await box.isHidden().catch(() => false)),
  );
  await until('the customer has it', async () => {
    const posts = (await agent.timeline(id)).filter((item) => item.direction === 'out');
    return posts.some((item) => item.text.startsWith(text) && item.reply?.state === 'confirmed');
  });
  // Whose thanks came meanwhile keeps it open: seen, it is resolved all the same.
  const resolved = async () =>
    (await agent.timeline(id)).filter((item) => item.kind === 'case.status' && item.data.to === 'resolved')
      .length;
  const often = await resolved();
  await page.keyboard.press('Escape');
  await until('it is resolved', async () => {
    // The console refuses to resolve over a post that it has not shown yet; then it is seen, and the key pressed again.
    await page.keyboard.press('e');
    return until('', async () => (await resolved()) > often, { timeout_ms: 3_000 });
  });
  log.push({ row, text });
  return true;
}

// The lead looks at what waits and lets it go, by keyboard.
async function approve_until(page, is_over) {
  let approved = 0;
  while (!is_over()) {
    if ((await page.getByRole('article').count()) === 0) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      continue;
    }
    await page.keyboard.press('j');
    const card = await page.evaluate((approve) => {
      const at = document.activeElement;
      return at?.textContent === approve ? at.closest('article')?.innerText.match(/#\d+/)?.[0] : null;
    }, t('approval.approve'));
    if (!card) continue;
    await page.keyboard.press('Enter');
    await page
      .getByRole('article')
      .filter({ hasText: new RegExp(`${card}\\b`) })
      .waitFor({ state: 'detached' });
    approved += 1;
  }
  return approved;
}

// In CI some cases each are enough; KIKI_WHOLE_DAY=1 works to the end (some minutes).
const to_the_end = process.env.KIKI_WHOLE_DAY === '1';
const enough = to_the_end ? Number.POSITIVE_INFINITY : 7;

// What stood on the screens when something did not come about.
async function pictured(pages, work) {
  try {
    return await work();
  } catch (error) {
    await Promise.all(pages.map((page, at) => picture(page, `whole-day-fault-${at}`)));
    throw error;
  }
}

test(`two agents work the sample day${to_the_end ? ' to its end' : ''}`, { timeout: 900_000 }, async () => {
  await desk.owner.in('POST', '/sample', { speed: 2000 });
  const queue = await browser.page({ client: lead, url: `${lead.url}/w/${lead.workspace}/approvals` });
  const pages = await Promise.all(
    agents.map((agent) => browser.page({ client: agent, url: `${agent.url}/w/${agent.workspace}/resolved` })),
  );
  for (const page of pages) await page.getByText(t('empty.resolved.title')).waitFor();
  const played = async () => {
    const state = await desk.owner.in('GET', '/sample');
    return !state.running || state.played >= state.total;
  };
  const logs = [[], []];
  let over = false;
  const approving = approve_until(queue, () => over);
  await Promise.all(
    agents.map(async (agent, at) => {
      while (logs[at].length < enough) {
        const ended = await played();
        if (await pictured([pages[at], queue], () => work(agent, pages[at], logs[at]))) continue;
        if (ended && (await lead.cases('now')).length === 0) return;
      }
    }),
  ).finally(() => {
    over = true;
  });
  const approved = await approving;
  await picture(pages[0], 'whole-day-end');
  assert.ok(approved > 0, 'some waited for the lead');
  assert.ok(
    logs.every((log) => log.length > 5),
    `both worked: ${logs.map((log) => log.length)}`,
  );
  if (to_the_end) assert.equal((await lead.cases('now')).length, 0, 'nobody waits');
  assert.deepEqual(live.changes('promise.broken'), [], 'nothing late');

  // Nothing doubled: each text stands once. Nothing unsafe: what was too loud went through the lead.
  const said = [];
  for (const row of await lead.all_cases()) {
    for (const item of await lead.timeline(row.id)) {
      if (item.type !== 'post' || item.direction !== 'out') continue;
      assert.equal(item.reply?.state, 'confirmed', `case ${row.number}: ${item.text}`);
      said.push(item.text);
    }
  }
  assert.equal(new Set(said).size, said.length, 'no answer twice');
  assert.equal(said.length, logs.flat().filter((one) => one.text).length, 'all that were written, no other');

  // A number is explained by a click on it: why this promise ends when it does.
  const [waits] = await lead.cases('now');
  if (waits) {
    await pages[0].goto(`${agents[0].url}/w/${agents[0].workspace}/all/case/${waits.id}`);
    await button(pages[0], 'promise.why').click();
    await pages[0].getByText('Desk').first().waitFor();
  }
  for (const page of [...pages, queue]) await close(page);
});
