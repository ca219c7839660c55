// Two agents work the queue by keyboard alone: the next best case, why it is on top, watch with a reason, a second
// opinion and its answer; a lead sees what other weights would do before saving them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, Browser, no_faults, no_sideways, picture, words } from '../support/browser.mjs';
import { Desk, open_post } from '../support/desk.mjs';
import { until } from '../support/wait.mjs';

const t = words('en');
let desk;
let shop;
let agent;
let other;
let lead;
let browser;
let calm;
let harmed;
before(async () => {
  desk = await Desk.open();
  shop = await desk.open_account();
  agent = await desk.person('agent');
  other = await desk.person('agent');
  lead = await desk.person('lead');
  browser = await Browser.launch();
  const post = async (id, text, extra) => {
    await shop.program.post('/open/posts', open_post(id, { text, ...extra }));
    return agent.case_with(text);
  };
  calm = await post('calm', 'How do I clean the filter?');
  harmed = await post('harmed', 'The kettle caught fire and I burned my hand');
  await post('heard', 'Saw the new kettle at the fair', { reason: 'found' });
});
after(async () => {
  await browser?.close();
  await desk?.stop();
});
const path = (who, rest) => `${who.url}/w/${who.workspace}/${rest}`;
const opened = (page, row) =>
  until(`case #${row.number} is open`, async () => page.url().endsWith(`/case/${row.id}`));
async function close(page) {
  no_faults(page);
  await page.context().close();
}

test('f gives each agent another case, and the desk says why it is on top', async () => {
  const one = await browser.page({ client: agent, url: path(agent, 'now') });
  await opened(one, harmed);
  // What stands first is what the key gives, unless somebody else has it.
  const two = await browser.page({ client: other, url: path(other, 'resolved') });
  await two.getByText(t('empty.resolved.title')).waitFor();
  await until('the first one is somebody’s', async () => {
    await two.keyboard.press('f');
    await two.waitForURL(/\/case\//);
    return two.url().endsWith(`/case/${calm.id}`);
  });
  await one.keyboard.press('f');
  await one.getByText(t('toast.nothing_next')).last().waitFor();

  // The reasons, by a click on the time that is left.
  const row = one.locator(`#row-${harmed.id}`);
  await row.hover();
  await row.getByText(t('rank.key.urgency')).waitFor();
  await row.locator('span[title*="240"]').click();
  const why = one.getByRole('region', { name: t('rank.why') });
  await why.getByText(`${t('rank.key.danger')}: 240 minutes earlier`).waitFor();
  await accessible(one, 'why it is on top');
  await picture(one, 'order-why-en');
  await one.keyboard.press('Escape');
  await close(one);
  await close(two);
});

test('w watches with a reason, z takes it back; q asks a colleague, whose decision answers', async () => {
  const page = await browser.page({ client: agent, url: path(agent, 'found') });
  await page.waitForURL(/\/case\//);
  await page.getByRole('button', { name: t('action.watch') }).waitFor();
  await page.keyboard.press('w');
  const reason = page.getByRole('combobox', { name: 'Why watch it?' });
  await reason.waitFor();
  await page.keyboard.type('Perhaps later');
  await page.keyboard.press('Enter');
  await page.getByRole('combobox', { name: t('pick.watch.until') }).waitFor();
  await accessible(page, 'watch until when');
  await page.keyboard.press('Enter');
  await until(
    'it is watched',
    async () => (await agent.cases('watched'))[0]?.dismiss_reason === 'Perhaps later',
  );
  await page.keyboard.press('z');
  await until('it is found again', async () => (await agent.cases('found')).length === 1);

  await page.keyboard.press('q');
  await page.getByRole('combobox', { name: t('pick.opinion') }).waitFor();
  await page.keyboard.type(other.me.name);
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: t('pick.opinion.note') }).waitFor();
  await page.keyboard.type('Is it about us?');
  await page.keyboard.press('Enter');
  await page.getByText(t('toast.opinion_asked')).first().waitFor();
  const asked = await browser.page({ client: other, url: path(other, 'opinions') });
  await asked.waitForURL(/\/case\//);
  await asked.getByText(t('row.opinion.mine')).waitFor();
  await asked.getByText('Is it about us?').first().waitFor();
  // The question stands above the composer with its three answers.
  const strip = asked.getByRole('region', { name: t('opinion.label') });
  await strip.getByText(t('opinion.asks_you', { name: agent.me.name })).waitFor();
  await accessible(asked, 'a second opinion that is asked');
  await strip.getByRole('button', { name: t('opinion.skip') }).click();
  await asked.getByRole('combobox', { name: 'Why dismiss it?' }).waitFor();
  await asked.keyboard.press('Enter');
  await until('it was answered', async () => (await agent.in('GET', '/cases/counts')).opinions === 0);
  // Who asked reads it where notices stand, and comes from there to the case.
  await page.goto(path(agent, 'notices'));
  await page.getByRole('link', { name: `would skip it` }).click();
  await page.waitForURL(/\/all\/case\//);
  await close(asked);
  await close(page);
});

test('a lead tries weights on today’s list and saves them', async () => {
  for (const [width, theme] of [
    [1440, 'light'],
    [390, 'dark'],
  ]) {
    const page = await browser.page({ client: lead, url: path(lead, 'settings/order'), width, theme });
    await page.getByRole('heading', { name: t('settings.order') }).waitFor();
    await page.getByText('of 2 waiting cases would move').waitFor();
    await accessible(page, `the order at ${width}`);
    await no_sideways(page, 'the order');
    await picture(page, `order-${width}-${theme}`);
    await close(page);
  }
  const page = await browser.page({ client: lead, url: path(lead, 'settings/order') });
  const first = page.locator('tbody tr').first();
  await first.getByText(`#${harmed.number}`).waitFor();
  await page.getByLabel('Danger for body or health').fill('-600');
  await first.getByText(`#${calm.number}`).waitFor();
  assert.equal((await agent.cases('now'))[0].id, harmed.id, 'nothing was saved');
  await page.getByRole('button', { name: t('action.save') }).click();
  await until('the list follows', async () => (await agent.cases('now'))[0].id === calm.id);
  await close(page);
  const reader = await browser.page({ client: agent, url: path(agent, 'settings/order') });
  await reader.getByText(t('settings.read_only')).waitFor();
  assert.equal(await reader.getByLabel('Danger for body or health').isDisabled(), true);
  await close(reader);
});
