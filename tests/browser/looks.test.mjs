// The main screens in both languages, light and dark, on a desktop and a phone: nothing serious for axe, nothing wider
// than the window, no unfilled gap, and a picture of each in build/screens to look at.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, Browser, no_faults, no_sideways, picture } from '../support/browser.mjs';
import { Desk } from '../support/desk.mjs';
import { open_screen, scene, screens_of } from '../support/scene.mjs';

let desk;
let browser;
let stage;
before(async () => {
  desk = await Desk.open();
  stage = await scene(desk);
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await desk?.stop();
  await stage?.stop();
});

for (const language of ['en', 'ja']) {
  for (const theme of ['light', 'dark']) {
    for (const width of [1440, 390]) {
      test(`${language}, ${theme}, ${width} px`, async (context) => {
        // The main screens in every combination, the others in the two that differ most.
        const extremes = ['en light 1440', 'ja dark 390'].includes(`${language} ${theme} ${width}`);
        for (const screen of screens_of(stage).filter(({ main }) => main || extremes)) {
          await context.test(screen.name, async () => {
            const page = await open_screen(browser, stage, screen, { language, theme, width });
            const what = `${screen.name}, ${language}, ${theme}, ${width}`;
            await picture(page, `${screen.name}-${language}-${theme}-${width}`);
            await no_sideways(page, what);
            await accessible(page, what);
            assert.equal(await page.getAttribute('html', 'lang'), language);
            const text = await page.locator('body').innerText();
            assert.doesNotMatch(text, /\{\w+\}|\bundefined\b|\bNaN\b|\[object /, what);
            no_faults(page);
            await page.context().close();
          });
        }
      });
    }
  }
}
