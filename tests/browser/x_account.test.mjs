// Connecting X on its own page, in both forms; then what the account's page says: how X tells us, what the contract
// leaves out, what was spent, and where the budget stops.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FakeX } from '../networks/x/fake.mjs';
import { accessible, Browser, no_faults, no_sideways, picture, words } from '../support/browser.mjs';
import { Desk } from '../support/desk.mjs';
import { free_port } from '../support/ports.mjs';
import { until } from '../support/wait.mjs';

let x;
let desk;
let browser;
let brand;
before(async () => {
  x = await FakeX.start();
  brand = x.person('MinatoDenki', 'ミナト電機');
  const port = await free_port();
  desk = await Desk.open({
    port,
    settings: {
      public_url: `http://127.0.0.1:${port}`,
      'x.api_url': x.url,
      'x.authorize_url': `${x.url}/i/oauth2/authorize`,
      'x.bearer_token': x.bearer,
      'x.poll_interval_ms': 200,
      'x.messages_interval_ms': 200,
    },
  });
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await desk?.stop();
  await x?.stop();
});

const accounts = async () =>
  (await desk.owner.in('GET', '/accounts')).items.filter((one) => one.network === 'x');

for (const [language, width, form, fields] of [
  ['ja', 1440, 'OAuth 2.0', { client_id: 'client-id', client_secret: 'client-secret' }],
  [
    'en',
    390,
    'OAuth 1.0a',
    { consumer_key: 'consumer-key', consumer_secret: 'consumer-secret', door: 'ask' },
  ],
]) {
  const say = words(language);
  test(`its owner agrees on X's page, ${form}, ${language}, ${width}`, async () => {
    const page = await browser.page({ client: desk.owner, language, width, url: 'about:blank' });
    await page.goto(`${desk.url}/w/${desk.owner.workspace}/settings/accounts`);
    const fill = async () => {
      await page
        .getByRole('button', { name: say('accounts.connect'), exact: true })
        .first()
        .click();
      await page.getByRole('option', { name: /^X/ }).click();
      for (const [key, value] of Object.entries({ ...fields, budget_usd_per_day: '0.01' }))
        await page.getByLabel(say(`network.x.field.${key}`), { exact: true }).fill(value);
    };
    await fill();
    await picture(page, `x-connect-${language}-${width}`);
    x.sign_in.agrees = null;
    const sign_in = page.getByRole('button', { name: say('accounts.sign_in', { network: 'X' }) });
    await sign_in.click();
    await page.getByRole('alert').getByText(say('sign_in.denied')).waitFor();
    assert.equal((await accounts()).length, 0, 'who declines connects nothing');

    x.sign_in.agrees = brand;
    await fill();
    await sign_in.click();
    await page.getByRole('heading', { name: 'ミナト電機' }).waitFor();
    const [account] = await accounts();
    assert.equal(account.handle, 'MinatoDenki');

    await page.getByText(say('like_closed.plan')).waitFor();
    const door = fields.door === 'ask' ? 'asking' : 'stream';
    await page.getByText(say(`account.hears.${door}`, { network: say('network.x.name') })).waitFor();
    await page.getByText(say('account.used.title')).waitFor();
    // A cent is soon spent; the rest waits for tomorrow, and the page says so.
    const hanako = x.person(`hanako${width}`);
    for (let i = 0; i < 12; ++i) x.post(hanako, `@MinatoDenki ${i} ${form}`);
    const status = await until('the budget stops it', async () => {
      const [now] = await accounts();
      return now.status === 'waiting' && now.status_detail;
    });
    assert.equal(status, 'budget');
    await page.getByText(say('account.detail.budget')).waitFor();
    await accessible(page, `the account's page, ${language}`);
    await no_sideways(page, `the account's page, ${language}`);
    await picture(page, `x-account-${language}-${width}`);
    no_faults(page);
    await page.context().close();
    await desk.owner.in('DELETE', `/accounts/${account.id}`);
  });
}
