// Makes the pictures of docs/use/screens again: the main screens of a made-up desk, in both languages.
import { fileURLToPath } from 'node:url';
import { Browser, picture } from '../support/browser.mjs';
import { Desk } from '../support/desk.mjs';
import { open_screen, scene, screens_of } from '../support/scene.mjs';

const folder = fileURLToPath(new URL('../../docs/use/screens', import.meta.url));
const wanted = ['inbox', 'case', 'search', 'accounts', 'welcome'];
const desk = await Desk.open();
const stage = await scene(desk);
const browser = await Browser.launch();
for (const language of ['en', 'ja']) {
  for (const screen of screens_of(stage).filter(({ name }) => wanted.includes(name))) {
    const page = await open_screen(browser, stage, screen, { language, width: 1440 });
    await picture(page, `${screen.name}-${language}`, folder);
    await page.context().close();
  }
  const inbox = screens_of(stage).find(({ name }) => name === 'case');
  const page = await open_screen(browser, stage, inbox, { language, theme: 'dark', width: 390 });
  await picture(page, `phone-${language}`, folder);
  await page.context().close();
}
await browser.close();
await desk.stop();
await stage.stop();
