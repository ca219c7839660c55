// A lead sets up hours with a lunch break and over midnight, an own holiday and a promise, sees the effect before
// saving, then a shift, a leave with a substitute, and what they want to be told: by keyboard, in both languages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, Browser, no_faults, no_sideways, picture, words } from '../support/browser.mjs';
import { Desk } from '../support/desk.mjs';
import { until } from '../support/wait.mjs';

let desk;
let browser;
let lead;
let agent;
let other;
before(async () => {
  desk = await Desk.open();
  lead = await desk.person('lead');
  agent = await desk.person('agent');
  other = await desk.person('agent');
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await desk?.stop();
});

const open = (language, section, options) =>
  browser.page({
    client: lead,
    language,
    url: `${desk.url}/w/${lead.workspace}/settings/${section}`,
    ...options,
  });
async function type_into(field, text) {
  const page = field.page();
  await field.focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
  await page.keyboard.press('Tab');
}
async function press(button, key = 'Enter') {
  await button.focus();
  await button.page().keyboard.press(key);
}
// A list is walked by its arrow until the wanted choice stands in it.
async function choose(list, value) {
  await list.focus();
  await list.page().keyboard.press('Home');
  const count = await list.locator('option').count();
  for (let at = 0; at < count && (await list.inputValue()) !== value; at += 1)
    await list.page().keyboard.press('ArrowDown');
  assert.equal(await list.inputValue(), value);
}
const weekday = (language, day) =>
  new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' }).format(Date.UTC(2023, 0, 1 + day));

const plain = (text) => text.replace(/\s/g, ' ');
const clock = (language, at) =>
  plain(
    new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit', timeZone: 'Asia/Tokyo' }).format(
      new Date(`${at}+09:00`),
    ),
  );

for (const [language, theme, width] of [
  ['en', 'light', 1440],
  ['ja', 'dark', 390],
]) {
  const t = words(language);
  test(`hours, a holiday and a promise, ${language}, ${width} px`, async () => {
    const { version } = await lead.in('GET', '/promises');
    await lead.in('PUT', '/promises', {
      version,
      calendars: [{ key: 'always', time_zone: 'Asia/Tokyo', always_open: true }],
      policies: [{ key: 'default', calendar: 'always', first_reply: { inside_minutes: 60 } }],
    });
    const page = await open(language, 'promises', { theme, width });
    await press(page.getByRole('button', { name: t('promise.calendar.add') }));
    const hours = page.getByRole('article').nth(1);
    await type_into(hours.getByLabel(t('field.name'), { exact: true }).first(), 'Desk');
    const day = (n) => hours.getByLabel(weekday(language, n), { exact: true });
    assert.equal(await day(0).getAttribute('placeholder'), t('promise.closed'));
    // What cannot be read is said, and not taken over.
    await type_into(day(1), '9 to 5');
    await hours.getByText(t('promise.hours.wrong')).waitFor();
    await type_into(day(1), '9:00-12:00, 13:00-18:00');
    await type_into(day(2), '22:00-6:00');
    await press(hours.getByRole('button', { name: t('promise.own_days.add') }));
    await hours.getByLabel(t('promise.day'), { exact: true }).fill('2026-12-14');
    await type_into(hours.getByLabel(t('field.name'), { exact: true }).last(), '棚卸し');
    // The promise that fits all cases follows these hours; an urgent one is in front of it.
    await press(page.getByRole('button', { name: t('promise.policy.add') }));
    const [urgent, all] = [page.getByRole('article').nth(2), page.getByRole('article').nth(3)];
    await type_into(urgent.getByLabel(t('field.name'), { exact: true }), 'Urgent');
    await type_into(
      urgent.getByLabel(t('promise.minutes', { what: t('promise.kind.first_reply') }), { exact: true }),
      '10',
    );
    await choose(all.getByLabel(t('promise.hours'), { exact: true }), 'hours-1');

    const preview = page
      .locator('section')
      .filter({ hasText: t('promise.preview') })
      .first();
    const due = async (at, until_at) => {
      const time = clock(language, until_at);
      await preview.getByLabel(t('promise.preview.at')).fill(at);
      await until(`${at} is due at ${time}`, async () =>
        plain(await preview.locator('summary').first().innerText()).includes(time),
      );
    };
    await due('2026-12-07T11:30', '2026-12-07T13:30'); // the lunch break does not count
    await due('2026-12-07T17:30', '2026-12-08T22:30'); // the rest of the hour on Tuesday night
    await due('2026-12-08T23:30', '2026-12-09T00:30'); // over midnight
    await due('2026-12-14T10:00', '2026-12-14T22:00'); // the own holiday: outside, twelve hours by the clock
    await choose(preview.getByLabel(t('priority.title')), 'urgent');
    await due('2026-12-14T10:00', '2026-12-14T10:10');
    await picture(page, `promises-${language}-${theme}-${width}`);
    await accessible(page, 'promises and hours');
    await no_sideways(page, 'promises and hours');
    assert.equal((await lead.in('GET', '/promises')).calendars.length, 1, 'the preview saves nothing');
    await press(page.getByRole('button', { name: t('action.save'), exact: true }));
    const saved = await until('it is saved', async () => {
      const book = await lead.in('GET', '/promises');
      return book.calendars.length === 2 && book;
    });
    const [, made] = saved.calendars;
    assert.deepEqual(made.week[1], [
      { from: '09:00', to: '12:00' },
      { from: '13:00', to: '18:00' },
    ]);
    assert.deepEqual(made.week[2], [{ from: '22:00', to: '30:00' }]);
    assert.deepEqual(
      made.own_days.map(({ day: at, name, spans }) => [at, name, spans]),
      [['2026-12-14', '棚卸し', []]],
    );
    assert.deepEqual(
      saved.policies.map((one) => [one.priorities, one.calendar, one.first_reply.inside_minutes]),
      [
        [['urgent'], 'always', 10],
        [[], 'hours-1', 60],
      ],
    );
    no_faults(page);
    await page.context().close();
  });

  test(`a shift, and a leave with a substitute, ${language}, ${width} px`, async () => {
    const { version, time_zone } = await lead.in('GET', '/roster');
    await lead.in('PUT', '/roster', { version, time_zone, shifts: [], leaves: [] });
    const page = await open(language, 'roster', { theme, width });
    const card = page.getByRole('article').filter({ hasText: agent.me.name });
    const day = (n) => card.getByLabel(weekday(language, n), { exact: true });
    await day(1).waitFor();
    assert.equal(await day(1).getAttribute('placeholder'), t('roster.off'), 'nobody is closed');
    await type_into(day(1), '9:00-18:00');
    await type_into(day(5), '22:00-6:00');
    await press(page.getByRole('button', { name: t('roster.leaves.add') }));
    await choose(page.getByLabel(t('roster.who'), { exact: true }), agent.me.id);
    await page.getByLabel(t('roster.from'), { exact: true }).fill('2026-12-28');
    await page.getByLabel(t('roster.to'), { exact: true }).fill('2026-12-30');
    await choose(page.getByLabel(t('roster.substitute'), { exact: true }), other.me.id);
    await picture(page, `roster-${language}-${theme}-${width}`);
    await accessible(page, 'the roster');
    await no_sideways(page, 'the roster');
    await press(page.getByRole('button', { name: t('action.save'), exact: true }));
    const saved = await until('it is saved', async () => {
      const roster = await lead.in('GET', '/roster');
      return roster.shifts.length === 2 && roster;
    });
    assert.deepEqual(
      saved.shifts.map(({ user_id, weekday: on, from, to }) => [user_id, on, from, to]).toSorted(),
      [
        [agent.me.id, 1, '09:00', '18:00'],
        [agent.me.id, 5, '22:00', '30:00'],
      ],
    );
    assert.deepEqual(
      saved.leaves.map((one) => [one.user_id, one.first_day, one.last_day, one.substitute_id]),
      [[agent.me.id, '2026-12-28', '2026-12-30', other.me.id]],
    );
    no_faults(page);
    await page.context().close();
  });

  test(`what I am told, ${language}, ${width} px`, async () => {
    await lead.in('PATCH', '/notification_settings', {
      mail: false,
      quiet_from: null,
      quiet_until: null,
      least_severity: 5,
    });
    const page = await open(language, 'notifications', { theme, width });
    await press(page.getByLabel(t('notifications.mail')), 'Space');
    await type_into(page.getByLabel(t('notifications.least'), { exact: true }), '7');
    await type_into(page.getByLabel(t('notifications.zone'), { exact: true }), 'Europe/Berlin');
    await page.getByLabel(t('notifications.quiet_from'), { exact: true }).fill('22:00');
    await page.getByLabel(t('notifications.quiet_until'), { exact: true }).fill('07:00');
    await picture(page, `notifications-${language}-${theme}-${width}`);
    await accessible(page, 'notifications');
    await no_sideways(page, 'notifications');
    await press(page.getByRole('button', { name: t('action.save'), exact: true }));
    const saved = await until('it is saved', async () => {
      const settings = await lead.in('GET', '/notification_settings');
      return settings.least_severity === 7 && settings;
    });
    assert.equal(saved.mail, true);
    assert.equal(saved.time_zone, 'Europe/Berlin');
    assert.equal(saved.quiet_from, '22:00');
    assert.equal(saved.quiet_until, '07:00');
    // A zone that there is not is said beside the field, and nothing is lost.
    await type_into(page.getByLabel(t('notifications.zone'), { exact: true }), 'Mars/Base');
    await press(page.getByRole('button', { name: t('action.save'), exact: true }));
    await page.locator('[aria-invalid="true"]').waitFor();
    assert.equal((await lead.in('GET', '/notification_settings')).time_zone, 'Europe/Berlin');
    no_faults(page);
    await page.context().close();
  });
}
