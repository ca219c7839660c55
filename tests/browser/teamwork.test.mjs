// Teamwork in the console: macros and hand-overs by keyboard, several cases at once, a rule that is tried out, a view
// in the rail; the pages in both languages, on a desktop and a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, Browser, no_faults, no_sideways, picture, words } from '../support/browser.mjs';
import { Desk, open_post } from '../support/desk.mjs';
import { until } from '../support/wait.mjs';

const t = words('en');
let desk;
let shop;
let agent;
let lead;
let team;
let browser;
before(async () => {
  desk = await Desk.open();
  shop = await desk.open_account();
  agent = await desk.person('agent');
  lead = await desk.person('lead');
  team = await lead.in('POST', '/teams', { name: 'Repair', member_ids: [agent.me.id, lead.me.id] });
  await lead.in('POST', '/macros', {
    name: 'Refund',
    shared: true,
    actions: [{ do: 'add_tags', tags: ['refund'] }, { do: 'priority', priority: 'high' }, { do: 'resolve' }],
  });
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await desk?.stop();
});
async function new_case(id, text) {
  await shop.program.post('/open/posts', open_post(id, { text }));
  return lead.case_with(text);
}
const open = (client, path) => browser.page({ client, url: `${client.url}/w/${client.workspace}${path}` });
const at_case = async (client, row) => {
  const page = await open(client, `/now/case/${row.id}`);
  await page.getByLabel(t('composer.reply.label'), { exact: true }).waitFor();
  return page;
};
const show = (row) => lead.in('GET', `/cases/${row.id}`);
async function close(page) {
  no_faults(page);
  await page.context().close();
}

test('a macro by keyboard: chosen, looked at, run, and taken back', async () => {
  const row = await new_case('macro', 'The kettle leaks badly.');
  const page = await at_case(agent, row);
  await page.keyboard.press('c');
  await page.getByRole('combobox').waitFor();
  await page.keyboard.type('ref');
  await page.keyboard.press('Enter');
  await page.getByText(t('acts.will_change', { count: '1', of: '1' })).waitFor();
  assert.deepEqual((await show(row)).tags, [], 'looking changes nothing');
  await accessible(page, 'the macro before it runs');
  await page.keyboard.press('Enter');
  await until('it ran', async () => (await show(row)).status === 'resolved');
  await page
    .getByRole('option')
    .filter({ hasText: t('status.resolved') })
    .waitFor();
  await accessible(page, 'a row that has left the list, and still stands in it');
  await page.getByRole('button', { name: t('action.undo') }).waitFor();
  await page.keyboard.press('z');
  await until('it was taken back', async () => {
    const now = await show(row);
    return now.status === 'open' && now.tags.length === 0 && now.priority === 'normal';
  });
  await close(page);
});

test('a hand-over with a note reaches the other person', async () => {
  const row = await new_case('hand', 'The toaster burns everything.');
  const page = await at_case(agent, row);
  const other = await open(lead, '/mine');
  await page.keyboard.press('h');
  await page.getByLabel(t('hand_over.to'), { exact: true }).selectOption({ label: lead.me.name });
  await page.getByLabel(t('hand_over.note'), { exact: true }).fill('You know toasters.');
  await page.getByRole('button', { name: t('hand_over.do') }).click();
  await other.getByText('The toaster burns everything.').first().waitFor();
  await other.getByText('You know toasters.').first().waitFor();
  await close(page);
  await other.goto(`${lead.url}/w/${lead.workspace}/notices`);
  await other
    .getByText(t('notice.handed_over.title', { by: agent.me.name, number: String(row.number) }))
    .waitFor();
  await close(other);
});

test('what a colleague changed since is not taken back under their hands', async () => {
  const row = await new_case('undo', 'The blender is loud.');
  const page = await at_case(agent, row);
  await page.keyboard.press('e');
  await until('it is resolved', async () => (await show(row)).status === 'resolved');
  const other = await open(lead, `/resolved/case/${row.id}`);
  await other.getByLabel(t('composer.reply.label'), { exact: true }).waitFor();
  await other.keyboard.press('o');
  await until('the colleague has it open', async () => (await show(row)).status === 'open');
  await other.keyboard.press('m');
  await until('it is the colleague’s', async () => (await show(row)).assignee_id === lead.me.id);
  await page.keyboard.press('z');
  await page.getByText(t('toast.not_undone', { number: String(row.number) })).waitFor();
  const now = await show(row);
  assert.deepEqual([now.status, now.assignee_id], ['open', lead.me.id]);
  await close(page);
  await close(other);
});

test('several cases: put together, looked at, done as one, and taken back as one', async () => {
  const rows = [await new_case('s1', 'Shower one drips.'), await new_case('s2', 'Shower two drips.')];
  const page = await open(agent, '/now');
  for (const row of rows) {
    await page.getByRole('option').filter({ hasText: row.preview }).first().click();
    await page.keyboard.press('x');
  }
  await page.getByRole('button', { name: t('bulk.several') }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(t('field.tags'), { exact: true }).fill('shower');
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: t('acts.preview') }).click();
  await dialog.getByText(t('acts.will_change', { count: '2', of: '2' })).waitFor();
  await dialog.locator('button[type="submit"]').click();
  await until('both have it', async () =>
    (await Promise.all(rows.map(show))).every((row) => row.tags.includes('shower')),
  );
  await page.getByRole('button', { name: t('action.undo') }).click();
  await until('neither has it', async () =>
    (await Promise.all(rows.map(show))).every((row) => row.tags.length === 0),
  );
  await close(page);
});

test('a whole list: chosen by one key, looked at, done to its end, and taken back', async () => {
  const posts = Array.from({ length: 104 }, (_, n) =>
    open_post(`batch-${n}`, { text: `Batch number ${n}.` }),
  );
  await shop.program.post('/open/posts', { posts });
  await lead.case_with('Batch number 103.');
  const view = await agent.in('POST', '/views', {
    name: 'Batch',
    conditions: [{ field: 'text', values: ['Batch number'] }],
  });
  const tagged = async () => (await agent.in('GET', '/tags?prefix=storm')).items[0]?.cases ?? 0;
  const page = await open(agent, `/saved:${view.id}`);
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Shift+X');
  await page.getByText(t('bulk.all_chosen', { view: 'Batch' })).waitFor();
  await page.keyboard.press('t');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(t('field.tags'), { exact: true }).fill('storm');
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: t('acts.preview') }).click();
  await dialog.getByText(t('acts.will_change', { count: '104', of: '104' })).waitFor();
  await dialog.getByText('104 cases change').click();
  await dialog.getByRole('link', { name: 'Person batch-103', exact: false }).waitFor();
  await picture(page, 'whole-list-en');
  await accessible(page, 'a whole list before it is changed');
  // Who comes only now was not looked at.
  const late = await new_case('batch-late', 'Batch number late.');
  await dialog.locator('button[type="submit"]').click();
  await page.getByText('104 cases changed.').first().waitFor();
  assert.equal(await tagged(), 104);
  assert.deepEqual((await show(late)).tags, []);
  await page.keyboard.press('z');
  await until('all of it is taken back', async () => (await tagged()) === 0);
  await close(page);
  // It stands in the log for later.
  const log = await open(agent, '/settings/macros');
  await log.getByRole('button', { name: t('acts.log.show') }).click();
  await log.getByRole('row').filter({ hasText: 'and 103 more' }).getByText(t('rules.log.undone')).waitFor();
  await close(log);
});

test('rules are put in order, by button and by key', async () => {
  for (const name of ['First', 'Second']) {
    await lead.in('POST', '/rules', {
      name,
      enabled: false,
      trigger: { on: 'reopened' },
      conditions: [],
      actions: [{ do: 'priority', priority: 'high' }],
    });
  }
  const order = async () => (await lead.in('GET', '/rules')).items.map((rule) => rule.name).join(' ');
  const page = await open(lead, '/settings/rules');
  await page.getByRole('button', { name: t('documents.down', { name: 'First' }) }).click();
  await until('it stands below', async () => (await order()) === 'Second First');
  const up = page.getByRole('button', { name: t('documents.up', { name: 'First' }) });
  await up.focus();
  await page.keyboard.press('Alt+ArrowUp');
  await until('it stands above', async () => (await order()) === 'First Second');
  await until('the keyboard stays with it', () => up.evaluate((at) => at === document.activeElement));
  await accessible(page, 'rules in their order');
  for (const rule of (await lead.in('GET', '/rules')).items) await lead.in('DELETE', `/rules/${rule.id}`);
  await close(page);
});

test('a rule is tried out before it is saved, and its log says what it did', async () => {
  await new_case('gas', 'I can smell gas in the kitchen.');
  const page = await open(lead, '/settings/rules');
  await page
    .getByRole('button', { name: t('rules.add') })
    .first()
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(t('field.name')).fill('Gas');
  await dialog.getByRole('button', { name: t('cond.add') }).click();
  await dialog.getByLabel(t('cond.what', { n: '1' })).selectOption('text');
  await dialog.getByLabel(t('cond.values')).fill('smell gas');
  await page.keyboard.press('Enter');
  await dialog.getByLabel(t('acts.what', { n: '1' })).selectOption('priority');
  await dialog.getByRole('button', { name: t('rules.dry_run') }).click();
  await dialog.getByText('It would have touched 1 case.').waitFor();
  await accessible(page, 'a rule that is being written');
  await dialog.getByRole('button', { name: t('action.save') }).click();
  await dialog.waitFor({ state: 'detached' });
  const row = await new_case('gas2', 'I still smell gas here.');
  await until('the rule acted', async () => (await show(row)).priority === 'high');
  await page.getByRole('button', { name: t('rules.log', { count: '1' }), exact: true }).click();
  await page.getByRole('cell', { name: t('rules.log.done') }).waitFor();
  await close(page);
});

test('a view is saved and stands in the rail with its count, beside the queue of the team', async () => {
  const row = await new_case('view', 'A view of this one.');
  await agent.in('POST', '/acts', { actions: [{ do: 'team', team_id: team.id }], case_ids: [row.id] });
  const page = await open(agent, '/settings/views');
  await page
    .getByRole('button', { name: t('views.add') })
    .first()
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(t('field.name')).fill('With Repair');
  await dialog.getByRole('button', { name: t('cond.add') }).click();
  await dialog.getByLabel(t('cond.what', { n: '2' })).selectOption('team');
  await dialog.getByRole('checkbox', { name: 'Repair' }).check();
  await dialog.getByRole('button', { name: t('action.save') }).click();
  await dialog.waitFor({ state: 'detached' });
  const rail = page.getByRole('navigation', { name: t('rail.label') });
  await rail.getByRole('link', { name: /With Repair.*1/ }).click();
  await page.getByRole('heading', { name: 'With Repair', level: 1 }).waitFor();
  await page.getByRole('option').filter({ hasText: 'A view of this one.' }).waitFor();
  await rail
    .getByRole('link', { name: /Repair.*1/ })
    .first()
    .waitFor();
  // Its number says what it counts, and a colleague's load which cases these are.
  await page.getByRole('button', { name: t('list.why.of', { count: '1' }) }).click();
  await page.getByRole('dialog').getByText(t('list.about.saved')).waitFor();
  await accessible(page, 'what a number counts');
  await page.keyboard.press('Escape');
  await lead.in('POST', `/cases/${row.id}/assign`, { user_id: agent.me.id });
  await page.goto(`${agent.url}/w/${agent.workspace}/settings/teams`);
  await page.getByRole('row').filter({ hasText: agent.me.name }).getByRole('link').click();
  await page.getByRole('heading', { name: t('view.member', { name: agent.me.name }), level: 1 }).waitFor();
  await page.getByRole('option').filter({ hasText: 'A view of this one.' }).waitFor();
  await lead.in('POST', `/cases/${row.id}/assign`, { user_id: null });
  await close(page);
});

test('escalated, followed, and claimed on opening: the case says so below its header', async () => {
  const row = await new_case('deep', 'The valve is stuck again.');
  const page = await at_case(agent, row);
  await page.keyboard.press('u');
  await page.getByLabel(t('escalate.to'), { exact: true }).selectOption({ label: 'Repair' });
  await page.getByLabel(t('escalate.note'), { exact: true }).fill('Third time this month.');
  await page.getByRole('button', { name: t('escalate.do'), exact: true }).click();
  const mark = page.getByRole('button', { name: /^With Repair by/ });
  await mark.waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('i');
  await page.getByRole('button', { name: /You follow it/ }).waitFor();
  await accessible(page, 'an escalated case');
  // Its time is explained as any promise is: the days that were counted.
  await mark.click();
  await page.getByRole('menuitem', { name: t('promise.why') }).click();
  const why = page.getByRole('dialog');
  await why.getByRole('heading', { name: /^Repair: by/ }).waitFor();
  await why
    .getByText(/ counted$/)
    .first()
    .waitFor();
  await accessible(page, 'why an escalation is due then');
  await page.keyboard.press('Escape');
  await mark.click();
  await page.getByRole('menuitem', { name: t('escalation.done') }).click();
  await mark.waitFor({ state: 'detached' });
  await lead.in('PUT', '/team_settings', { claim_on_open: true });
  await until('who stays with it has it', async () => (await show(row)).assignee_id === agent.me.id);
  await page
    .getByText(t('claim.taken', { number: String(row.number) }))
    .locator('..')
    .getByRole('button', { name: t('action.undo') })
    .click();
  await until('it was given back', async () => (await show(row)).assignee_id === null);
  await lead.in('PUT', '/team_settings', { claim_on_open: false });
  await close(page);
});

for (const [language, theme, width] of [
  ['en', 'light', 1440],
  ['ja', 'dark', 390],
]) {
  test(`the pages: ${language}, ${theme}, ${width} px`, async () => {
    const row = (await lead.cases('now'))[0];
    await lead.send('POST', `/api/v1/workspaces/${lead.workspace}/cases/${row.id}/escalations`, {
      team_id: team.id,
    });
    await lead.in('PUT', `/cases/${row.id}/follow`, { on: true });
    for (const [name, path] of [
      ['teams', '/settings/teams'],
      ['rules', '/settings/rules'],
      ['macros', '/settings/macros'],
      ['views', '/settings/views'],
      ['team_case', `/now/case/${row.id}`],
    ]) {
      const page = await browser.page({
        client: lead,
        language,
        theme,
        width,
        url: `${lead.url}/w/${lead.workspace}${path}`,
      });
      await page.getByRole('main').first().waitFor();
      await until('the page has its words', async () => {
        const text = await page.locator('main').first().innerText();
        return text.length > 60;
      });
      await picture(page, `${name}-${language}-${theme}-${width}`);
      await no_sideways(page, name);
      await accessible(page, name);
      assert.doesNotMatch(await page.locator('body').innerText(), /\{\w+\}|\bundefined\b|\bNaN\b/, name);
      await close(page);
    }
  });
}
