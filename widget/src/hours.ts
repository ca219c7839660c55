// Opening hours and waiting time in words.
import { fill, type Words } from './element.ts';

export interface Span {
  from: string;
  to: string;
}
export interface Hours {
  open: boolean;
  opens_at: string | null;
  closes_at: string | null;
  always: boolean;
  time_zone: string;
  week: Span[][];
  days: { day: string; holiday: string; name: string; spans: Span[] }[];
}

// Times are the visitor's own clock's: that is the one they look at.
export function moment(iso: string, language: string): string {
  const at = new Date(iso);
  const is_today = at.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(language, {
    ...(is_today ? {} : { weekday: 'short', month: 'numeric', day: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}

const steps = [1, 2, 3, 5, 10, 15, 20, 30, 45, 60];
export function waiting(ms: number, words: Words): string {
  const minutes = ms / 60_000;
  const step = steps.find((one) => minutes <= one);
  return step
    ? fill(words.minutes, { count: step })
    : fill(words.hours, { count: Math.max(1, Math.round(minutes / 60)) });
}

export function now_words(hours: Hours, waiting_ms: number | null, language: string, words: Words): string {
  if (!hours.open) {
    const opens = hours.opens_at ? fill(words.opens_at, { time: moment(hours.opens_at, language) }) : '';
    return [words.closed_now, opens].filter(Boolean).join(' · ');
  }
  const answer = waiting_ms === null ? '' : fill(words.waiting, { time: waiting(waiting_ms, words) });
  const until =
    !answer && hours.closes_at ? fill(words.until, { time: moment(hours.closes_at, language) }) : '';
  return [words.open_now, answer || until].filter(Boolean).join(' · ');
}
export const spans_words = (spans: Span[], words: Words): string =>
  spans.length === 0 ? (words.closed ?? '') : spans.map(({ from, to }) => `${from}–${to}`).join(', ');
