// The web chat on a page: <script src="…/chat/widget.js" data-chat="KEY" async></script>. Optional on the tag:
// data-identity (who is signed in, signed by the site), data-lang (ja, en), data-page (fills the page).
// Kikimimi.open(), .close(), .identify(token), .reset() for the page's own buttons and its sign-out.
import { language_of, root_for } from './element.ts';
import { css } from './style.ts';
import { Talk } from './talk.ts';
import { type Config, View } from './view.ts';

interface Api {
  open(): void;
  close(): void;
  identify(token: string): void;
  reset(): void;
}
declare global {
  interface Window {
    Kikimimi?: Api;
  }
}
const parameter = 'kikimimi'; // of a private link
const told_ms = 60_000; // how often hours and waiting time are asked for, while somebody looks at them

function word_of_link(): string {
  const word = new URL(location.href).searchParams.get(parameter) ?? '';
  return /^[\w-]{20,200}$/.test(word) ? word : '';
}
// Its work is done once the first message carries it; until then a reload must not lose it.
function clean_address(): void {
  const url = new URL(location.href);
  url.searchParams.delete(parameter);
  history.replaceState(history.state, '', url);
}

function start(script: HTMLScriptElement): void {
  const key = script.dataset.chat ?? '';
  const base = `${new URL(script.src).origin}/chat/${key}`;
  const language = language_of(script);
  const is_page = script.dataset.page !== undefined;
  let view: View | undefined;
  let talk: Talk;
  let word = word_of_link();
  const begin = async (identity: string): Promise<void> => {
    talk = new Talk(base, key, identity, word, language, {
      changed: () => {
        if (word && !talk.has_word) {
          word = '';
          clean_address();
        }
        view?.draw();
      },
      typing: (writing) => view?.desk_types(writing),
      online: (is) => view?.online(is),
      closed: () => view?.over(),
    });
    const mine = talk;
    let config: Config;
    try {
      config = await talk.config<Config>();
    } catch {
      return; // not allowed on this page, or away: the page is as if we were not there
    }
    if (mine !== talk) return;
    view = new View(config, talk, is_page);
    root.replaceChildren(view.all);
    told_at = Date.now();
    talk.start();
    view.draw();
    if (word && !is_page) view.show(true);
  };
  const root = root_for(script, css, script.dataset.target);
  let told_at = 0;
  const ask_hours = (): void => {
    if (!view?.is_open || document.hidden || Date.now() - told_at < told_ms) return;
    told_at = Date.now();
    const asked = view;
    talk.config<Config>().then(
      (config) => asked.told(config),
      () => undefined, // away: what is known stays
    );
  };
  setInterval(ask_hours, 5_000);
  const restart = (identity: string, forget: boolean): void => {
    talk.stop();
    if (forget) talk.forget();
    view = undefined;
    root.replaceChildren();
    void begin(identity);
  };
  window.Kikimimi = {
    open: () => view?.show(true),
    close: () => view?.show(false),
    identify: (token) => restart(token, false),
    reset: () => restart('', true),
  };
  window.addEventListener('online', () => talk.wake());
  void begin(script.dataset.identity ?? '');
}

const script = document.currentScript as HTMLScriptElement | null;
if (script && !window.Kikimimi) {
  if (document.body) start(script);
  else document.addEventListener('DOMContentLoaded', () => start(script));
}
