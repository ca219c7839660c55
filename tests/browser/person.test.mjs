// The customer card by keyboard: who it may be elsewhere, joined and taken apart with undo, own fields, what the
// company's system says; an administrator sets both up.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { accessible, Browser, no_faults, no_sideways, picture, words } from '../support/browser.mjs';
import { Desk, open_post } from '../support/desk.mjs';
import { until } from '../support/wait.mjs';

let desk;
let browser;
let agent;
let blue;
let green;
let system;
let answer = { cards: [] };
before(async () => {
  system = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(answer ? 200 : 500, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? {}));
    });
  });
  await new Promise((done) => {
    system.listen(0, '127.0.0.1', done);
  });
  desk = await Desk.open();
  blue = await desk.open_account(desk.owner, { name: 'Blue' });
  green = await desk.open_account(desk.owner, { name: 'Green' });
  agent = await desk.person('agent');
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await desk?.stop();
  system?.closeAllConnections();
  await new Promise((done) => {
    system.close(done);
  });
});

async function press(button, key = 'Enter') {
  await button.focus();
  await button.page().keyboard.press(key);
}
async function type_into(field, text) {
  await field.focus();
  await field.page().keyboard.press('Control+A');
  await field.page().keyboard.insertText(text);
}
async function arrives(shop, word, author) {
  await shop.program.post('/open/posts', open_post(word, { author, text: `About ${word}: please help.` }));
  return agent.case_with(`About ${word}:`);
}
const person = (id) => agent.in('GET', `/people/${id}`);

for (const [language, theme, width] of [
  ['en', 'light', 1440],
  ['ja', 'dark', 390],
]) {
  const t = words(language);
  test(`fields and the company's system are set up, ${language}, ${width} px`, async () => {
    const page = await browser.page({
      client: desk.owner,
      language,
      theme,
      width,
      url: `${desk.url}/w/${desk.owner.workspace}/settings/customers`,
    });
    await press(page.getByRole('button', { name: t('customers.fields.add') }));
    const name = `No. ${language}`;
    await type_into(page.getByLabel(t('field.name'), { exact: true }).last(), name);
    const fields_saved = page.getByRole('button', { name: t('action.save'), exact: true }).first();
    await press(fields_saved);
    await until('the field is saved', async () =>
      (await desk.owner.in('GET', '/person_fields')).fields.some((one) => one.name === name),
    );
    const url = page.getByLabel(t('customers.source.url'), { exact: true });
    await type_into(url, 'http://10.0.0.9/customer');
    await page.keyboard.press('Enter');
    await page.locator('[aria-invalid="true"]').waitFor();
    await type_into(url, `http://127.0.0.1:${system.address().port}/customer`);
    await page.keyboard.press('Enter');
    if (language === 'en') await page.getByText(t('accounts.once.title')).waitFor();
    else await until('it is saved', async () => (await desk.owner.in('GET', '/customer_source')).source);
    await picture(page, `customers-${language}-${theme}-${width}`);
    await accessible(page, 'settings of customers');
    await no_sideways(page, 'settings of customers');
    no_faults(page);
    await page.context().close();
  });

  test(`the card of a customer on two networks, ${language}, ${width} px`, async () => {
    answer = {
      cards: [
        {
          title: `Order ${language}`,
          fields: [{ label: 'Total', value: 3200 }],
          links: [{ label: 'Shop', url: 'https://shop.example/1' }],
        },
      ],
    };
    const [one, two] = [
      await arrives(blue, `kettle-${language}`, {
        id: `b-${language}`,
        name: 'Yuki',
        handle: `yuki_${language}_s`,
      }),
      await arrives(green, `toaster-${language}`, {
        id: `g-${language}`,
        name: 'Y.',
        handle: `yuki.${language}.s`,
        customer_id: `P-${language}`,
      }),
    ];
    await agent.in('PATCH', `/people/${one.person_id}`, { note: `yuki-${language}@example.jp` });
    await agent.in('PATCH', `/people/${two.person_id}`, { note: `Yuki-${language}@example.jp` });
    await agent.in('PUT', `/cases/${two.id}/tags`, { tags: ['repair'] });
    const page = await browser.page({
      client: agent,
      language,
      theme,
      width,
      url: `${desk.url}/w/${agent.workspace}/all/case/${one.id}`,
    });
    const card = page.getByRole('complementary', { name: t('person.label') });
    if (width < 1000) {
      await page.getByText(`About kettle-${language}`).first().waitFor();
      await page.keyboard.press('p'); // a wide screen shows the card by itself
    }
    await card.waitFor();
    await card.getByText(`Order ${language}`).waitFor();
    await card.getByText('3200').waitFor();
    await card.getByText(t('card.reason.email', { text: `yuki-${language}@example.jp` })).waitFor();
    await picture(page, `person-${language}-${theme}-${width}`);
    await accessible(page, 'the card');
    await no_sideways(page, 'the card');
    // The system fails: the card says so and keeps the last answer.
    answer = null;
    await press(card.getByRole('button', { name: t('card.facts.ask') }));
    await card.getByText(t('card.facts.error.refused')).waitFor();
    await card.getByText(`Order ${language}`).waitFor();
    // A field of the desk's own; Enter saves.
    await type_into(card.getByLabel(`No. ${language}`), 'A-17');
    await page.keyboard.press('Enter');
    await until('the value is saved', async () =>
      Object.values((await person(one.person_id)).values).includes('A-17'),
    );
    await type_into(card.getByRole('textbox', { name: t('person.customer_id') }), `C-${language}`);
    await page.keyboard.press('Enter');
    await until(
      'the number is saved',
      async () => (await person(one.person_id)).customer_id === `C-${language}`,
    );
    await press(card.getByRole('button', { name: t('card.join.named', { name: 'Y.' }) }));
    await until('they are one', async () => (await person(one.person_id)).identities.length === 2);
    const taken = card.getByRole('button', {
      name: t('card.take_out.named', { name: `@yuki.${language}.s` }),
    });
    await taken.waitFor();
    // A number that a channel proved stands beside the one that was written down.
    await card.getByText(`P-${language}`).waitFor();
    await card.getByRole('button', { name: t('person.customer_id.copy') }).waitFor();
    await picture(page, `person-joined-${language}-${theme}-${width}`);
    await accessible(page, 'the card of two');
    // Everything said, over both.
    await press(card.getByRole('button', { name: t('card.posts') }));
    const posts = page.getByRole('dialog');
    await posts.getByText(`About toaster-${language}`).waitFor();
    await posts.getByText(`About kettle-${language}`).waitFor();
    await accessible(page, 'all posts');
    await page.keyboard.press('Escape');
    // Every number leads to what it counts.
    const counted = page.getByRole('dialog').getByRole('listitem');
    await press(card.getByRole('button', { name: 'repair 1', exact: true }));
    await counted.getByText(`#${two.number}`).waitFor();
    assert.equal(await counted.count(), 1);
    await accessible(page, 'cases with a tag');
    await page.keyboard.press('Escape');
    await press(card.getByRole('button', { name: language === 'en' ? '2 cases' : '案件 2 件', exact: true }));
    await counted.getByText(`#${one.number}`).waitFor();
    assert.equal(await counted.count(), 2);
    await page.keyboard.press('Escape');
    // Taken back on the card: exactly as before.
    await press(card.getByRole('button', { name: t('action.undo') }));
    await until('they are two', async () => (await person(one.person_id)).identities.length === 1);
    await card.getByText(t('card.reason.email', { text: `yuki-${language}@example.jp` })).waitFor();
    // Joined by hand, then one identity is taken out.
    await press(card.getByRole('button', { name: t('card.find'), exact: true }));
    await type_into(page.getByLabel(t('card.find.field')), `yuki.${language}.s`);
    await page.keyboard.press('Enter');
    await press(page.getByRole('dialog').getByRole('button', { name: t('card.join.named', { name: 'Y.' }) }));
    await press(taken);
    await until('it is a person of its own', async () => {
      const now = await agent.in('GET', `/cases/${two.id}`);
      return now.person_id !== one.person_id && now.person_id !== two.person_id;
    });
    // Somebody kept apart is not suggested again.
    await until('no suggestion', async () =>
      (await agent.in('GET', `/people/${one.person_id}/suggestions`)).items.every(
        (each) => each.person.name !== 'Y.',
      ),
    );
    no_faults(page);
    await page.context().close();
  });
}

test('a colleague who has the case open sees the join at once', async () => {
  const [one, two] = [
    await arrives(blue, 'vase', { id: 'b-live', name: 'Ren', handle: 'ren_live' }),
    await arrives(green, 'bowl', { id: 'g-live', name: 'Ren of the bowl', handle: 'bowl_live' }),
  ];
  const page = await browser.page({
    client: agent,
    url: `${desk.url}/w/${agent.workspace}/all/case/${two.id}`,
  });
  const card = page.getByRole('complementary', { name: words('en')('person.label') });
  await card.getByText('Ren of the bowl').first().waitFor();
  await desk.owner.in('POST', `/people/${one.person_id}/merge`, { person_id: two.person_id });
  await card.getByText('@ren_live').first().waitFor();
  await page.getByText('vase').first().waitFor();
  no_faults(page);
  await page.context().close();
});
