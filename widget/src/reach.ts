// "How to reach us": every way, the hours, and what is different on holidays; as a page or a piece of one.
import { fill, language_of, make, root_for, type Words } from './element.ts';
import { type Hours, now_words, spans_words, waiting } from './hours.ts';
import { reach_css } from './style.ts';

interface Way {
  name: string;
  value: string;
  url: string;
  waiting_ms: number | null;
}
interface Reach {
  title: string;
  about: string;
  ways: Way[];
  hours: Hours;
  words: Words;
}

const way_row = (way: Way, words: Words): HTMLLIElement => {
  const label = way.value || way.url;
  const place = way.url ? make('a', { href: way.url }, label) : make('span', {}, label);
  const row = make('li', {}, make('b', {}, way.name), place);
  if (way.waiting_ms !== null)
    row.append(make('small', {}, fill(words.waiting, { time: waiting(way.waiting_ms, words) })));
  return row;
};

function hours_table(hours: Hours, language: string, words: Words): HTMLElement[] {
  if (hours.always) return [make('p', {}, words.always ?? '')];
  const named = (day: number): string =>
    new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' }).format(
      Date.UTC(2023, 0, day + 1),
    );
  const row = (head: string, cell: string) =>
    make('tr', {}, make('th', { scope: 'row' }, head), make('td', {}, cell));
  // From Monday, as weeks are read.
  const week = make('tbody');
  for (const day of [1, 2, 3, 4, 5, 6, 0])
    week.append(row(named(day), spans_words(hours.week[day] ?? [], words)));
  const parts: HTMLElement[] = [
    make('table', {}, week),
    make('small', {}, fill(words.time_zone, { zone: hours.time_zone })),
  ];
  if (hours.days.length > 0) {
    const days = make('tbody');
    for (const one of hours.days) {
      const date = new Intl.DateTimeFormat(language, {
        month: 'long',
        day: 'numeric',
        weekday: 'short',
        timeZone: 'UTC',
      }).format(Date.parse(`${one.day}T00:00:00Z`));
      days.append(row(one.name ? `${date} ${one.name}` : date, spans_words(one.spans, words)));
    }
    parts.push(make('h2', {}, words.special_days ?? ''), make('table', {}, days));
  }
  return parts;
}

async function start(script: HTMLScriptElement): Promise<void> {
  const language = language_of(script);
  const base = new URL(script.src).origin;
  const is_page = script.dataset.page !== undefined;
  const ask = async (): Promise<string> => {
    const answer = await fetch(`${base}/reach/${script.dataset.reach}/data?lang=${language}`, {
      credentials: 'omit',
    });
    return answer.ok ? answer.text() : '';
  };
  let text = await ask();
  if (!text) return; // a site that is not allowed shows nothing
  const root = root_for(script, reach_css, script.dataset.target);
  root.append(page_of(JSON.parse(text) as Reach, language, is_page));
  // Hours end and queues grow while a page stands open.
  setInterval(async () => {
    if (document.hidden || root.activeElement) return; // nobody's place is taken away
    const now = await ask().catch(() => '');
    if (!now || now === text) return;
    text = now;
    root.replaceChildren(page_of(JSON.parse(now) as Reach, language, is_page));
  }, 60_000);
}

function page_of(reach: Reach, language: string, is_page: boolean): HTMLElement {
  const { hours, words } = reach;
  const ways = make('ul');
  for (const way of reach.ways) ways.append(way_row(way, words));
  return make(
    is_page ? 'main' : 'section',
    { class: is_page ? 'all page' : 'all', lang: language, 'aria-label': reach.title },
    make(is_page ? 'h1' : 'h2', {}, reach.title),
    ...(reach.about ? [make('p', {}, reach.about)] : []),
    make('p', { class: hours.open ? 'now' : 'now shut' }, now_words(hours, null, language, words)),
    ...(reach.ways.length > 0 ? [make('h2', {}, words.ways ?? ''), ways] : []),
    make('h2', {}, words.opening_hours ?? ''),
    ...hours_table(hours, language, words),
  );
}
const script = document.currentScript as HTMLScriptElement | null;
if (script) {
  if (document.body) void start(script);
  else document.addEventListener('DOMContentLoaded', () => void start(script));
}
