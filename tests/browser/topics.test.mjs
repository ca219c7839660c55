// Building a topic as a person does: by keyboard alone, with an input method composing, in both languages. Mistakes
// show where they stand, the preview marks what it found, numbers open their posts, a post says why it is here.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, Browser, no_faults, no_sideways, picture, words } from '../support/browser.mjs';
import { Desk, open_post } from '../support/desk.mjs';
import { until } from '../support/wait.mjs';

let desk;
let browser;
let shop;
let topic;
const found = (number, text, extra = {}) =>
  open_post(number, { text, reason: 'found', visibility: 'public', network: 'x', ...extra });
before(async () => {
  desk = await Desk.open();
  shop = await desk.open_account(desk.owner);
  await desk.owner.in('POST', '/topics', { name: 'Rival', query: 'ライバル炊飯器', is_competitor: true });
  topic = await desk.owner.in('POST', '/topics', {
    name: '炊飯器',
    query: '(炊飯器 OR "rice cooker") -レシピ',
    themes: [{ name: '電源', query: '電源' }],
  });
  await shop.program.post('/open/posts', {
    posts: [
      found(1, '新しい炊飯器の電源が入らない。どうしよう'),
      found(2, 'My rice cooker is lovely, see https://example.com/rice'),
      found(3, '炊飯器レシピ、今日は炊き込みご飯'),
      found(4, 'ライバル炊飯器もいいらしい'),
      found(5, 'すいはんき買いかえたい'),
    ],
  });
  await desk.owner.case_with('電源が入らない');
  await until(
    'the dashboard has counted',
    async () => (await desk.owner.in('GET', `/topics/${topic.id}/report`)).posts >= 2,
  );
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await desk?.stop();
});

const open = (language, path, options = {}) =>
  browser.page({
    client: desk.owner,
    language,
    url: `${desk.url}/w/${desk.owner.workspace}${path}`,
    ...options,
  });

async function compose(page, reading, picked) {
  const protocol = await page.context().newCDPSession(page);
  for (let end = 1; end <= reading.length; end += 1) {
    await protocol.send('Input.imeSetComposition', {
      text: reading.slice(0, end),
      selectionStart: end,
      selectionEnd: end,
    });
  }
  await protocol.send('Input.imeSetComposition', {
    text: picked,
    selectionStart: picked.length,
    selectionEnd: picked.length,
  });
  await protocol.send('Input.dispatchKeyEvent', {
    type: 'rawKeyDown',
    key: 'Enter',
    windowsVirtualKeyCode: 229,
  });
  await protocol.send('Input.insertText', { text: picked });
  await protocol.detach();
}

for (const [language, theme, width] of [
  ['en', 'light', 1440],
  ['ja', 'dark', 390],
]) {
  test(`a topic is built by keyboard, ${language}, ${width} px`, async () => {
    const t = words(language);
    const page = await open(language, '/topics/new', { theme, width });
    const query = page.getByLabel(t('topic.query'), { exact: true });
    await query.waitFor();
    await page.getByLabel(t('field.topic_name')).focus();
    await page.keyboard.type(`Kettle ${language}`);
    await page.keyboard.press('Tab');
    assert.ok(await query.evaluate((box) => box === document.activeElement), 'Tab leads to the query');
    // A mistake is said where it stands, and goes when it is mended.
    await page.keyboard.insertText('("rice cooker" OR 炊飯器');
    const mistakes = page.getByRole('list', { name: t('topic.mistakes') }).getByRole('listitem');
    await mistakes.first().waitFor();
    assert.equal(await query.getAttribute('aria-invalid'), 'true');
    assert.ok((await mistakes.first().innerText()).includes(t('query.hint.unclosed_bracket')));
    await picture(page, `topic-mistake-${language}-${theme}-${width}`);
    await accessible(page, 'a mistake');
    await page.keyboard.type(')');
    await mistakes.first().waitFor({ state: 'detached' });
    const preview = page.getByRole('region', { name: t('topic.preview') });
    await preview.getByText('電源が入らない').waitFor();
    assert.deepEqual(
      await preview
        .locator('mark')
        .allInnerTexts()
        .then((all) => all.toSorted()),
      ['rice cooker', '炊飯器', '炊飯器', '炊飯器'],
    );
    // More words through an input method: nothing is lost, and Enter belongs to it.
    await page.keyboard.insertText(' -');
    await compose(page, 'れしぴ', 'レシピ');
    await until('the preview follows', async () => (await preview.locator('mark').count()) === 3);
    assert.equal(await query.inputValue(), '("rice cooker" OR 炊飯器) -レシピ');
    await page.getByRole('region', { name: t('topic.tree') }).waitFor();
    await picture(page, `topic-builder-${language}-${theme}-${width}`);
    await no_sideways(page, 'the builder');
    await accessible(page, 'the builder');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('heading', { name: t('settings.topics'), level: 2 }).waitFor();
    await page.getByRole('article').getByText(`Kettle ${language}`).waitFor();
    const made = (await desk.owner.in('GET', '/topics')).items.find(
      ({ name }) => name === `Kettle ${language}`,
    );
    assert.equal(made.query, '("rice cooker" OR 炊飯器) -レシピ');
    await picture(page, `topics-${language}-${theme}-${width}`);
    no_faults(page);
    await page.context().close();
  });

  test(`the dashboard's numbers open their posts, ${language}, ${width} px`, async () => {
    const t = words(language);
    const page = await open(language, `/topics/${topic.id}`, { theme, width });
    const panel = page.getByRole('region', { name: t('topic.themes') });
    await panel.waitFor();
    await page.getByText(t('report.table')).click();
    await picture(page, `topic-dashboard-${language}-${theme}-${width}`);
    await no_sideways(page, 'the dashboard');
    await accessible(page, 'the dashboard');
    const number = panel.getByRole('button').first();
    assert.equal(await number.innerText(), '1');
    await number.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('電源が入らない').waitFor();
    assert.equal(await dialog.getByRole('listitem').count(), 1);
    await accessible(page, 'the posts behind a number');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    no_faults(page);
    await page.context().close();
  });
}

test('a post says why it was found', async () => {
  const t = words('ja');
  const row = await desk.owner.case_with('電源が入らない');
  const page = await open('ja', `/found/case/${row.id}`);
  await page.getByRole('button', { name: t('why.ask') }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('region', { name: '炊飯器', exact: true }).waitFor();
  assert.ok((await dialog.locator('mark').allInnerTexts()).includes('炊飯器'));
  await accessible(page, 'why');
  no_faults(page);
  await page.context().close();
});
