// Times in words: what is left of a promise, how long ago, and exact times in the workspace's zone.
import type { Time } from '../api/types';
import { current_language, t } from './i18n';

const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;
const day_ms = 24 * hour_ms;

export type Urgency = 'late' | 'soon' | 'calm';
export interface Promised {
  urgency: Urgency;
  unit: 'minute' | 'hour' | 'day';
  value: number;
  share: number; // of the promised time still left, 0…1
}

// Pure: what stands in the row. Under a quarter of an hour (or of the promise, if that is less) is "soon".
export function promised(due_at: Time, now_ms: number, promise_minutes: number): Promised {
  const left = Date.parse(due_at) - now_ms;
  const late = left < 0;
  const size = Math.abs(left);
  const [unit, one]: [Promised['unit'], number] =
    size < hour_ms ? ['minute', minute_ms] : size < day_ms ? ['hour', hour_ms] : ['day', day_ms];
  const value = late
    ? Math.max(1, Math.floor(size / one))
    : Math.max(1, unit === 'minute' ? Math.ceil(size / one) : Math.floor(size / one));
  const soon_ms = Math.min(15 * minute_ms, (promise_minutes * minute_ms) / 4);
  const share = Math.min(1, Math.max(0, left / (promise_minutes * minute_ms)));
  return { urgency: late ? 'late' : left <= soon_ms ? 'soon' : 'calm', unit, value, share };
}

// Of a row, which tells when the time that ends at due_at began.
export function promised_row(row: { due_at: Time; promised_from: Time | null }, now_ms: number): Promised {
  const minutes = row.promised_from
    ? (Date.parse(row.due_at) - Date.parse(row.promised_from)) / minute_ms
    : 60;
  return promised(row.due_at, now_ms, Math.max(1, minutes));
}

export function promise_words(p: Promised): string {
  if (p.urgency === 'late') return t(`time.late.${p.unit}`, { count: p.value });
  if (p.urgency === 'soon') return t(`time.left.${p.unit}`, { count: p.value });
  return t(`time.short.${p.unit}`, { count: p.value });
}

export function ago(at: Time, now_ms: number): string {
  const past = Math.max(0, now_ms - Date.parse(at));
  if (past < minute_ms) return t('time.now');
  if (past < hour_ms) return t('time.short.minute', { count: Math.floor(past / minute_ms) });
  if (past < day_ms) return t('time.short.hour', { count: Math.floor(past / hour_ms) });
  return t('time.short.day', { count: Math.floor(past / day_ms) });
}

// In a sentence: "2 min ago".
export const time_ago = (at: Time, now_ms: number): string =>
  now_ms - Date.parse(at) < minute_ms ? t('time.now') : t('time.ago', { time: ago(at, now_ms) });

let zone = 'UTC';
export function use_zone(next: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: next });
    zone = next;
  } catch {
    zone = 'UTC';
  }
}
export function current_zone(): string {
  return zone;
}
const made = new Map<string, Intl.DateTimeFormat>();
function formatter(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${name} ${current_language()} ${zone}`;
  let format = made.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(current_language(), { ...options, timeZone: zone });
    made.set(key, format);
  }
  return format;
}
export function clock(at: Time): string {
  return formatter('clock', { hour: 'numeric', minute: '2-digit' }).format(Date.parse(at));
}
export function absolute(at: Time): string {
  return formatter('absolute', { dateStyle: 'medium', timeStyle: 'short' }).format(Date.parse(at));
}
export function day(at: Time): string {
  return formatter('day', { month: 'short', day: 'numeric', weekday: 'short' }).format(Date.parse(at));
}
export function date(at: Time): string {
  return formatter('date', { dateStyle: 'medium' }).format(Date.parse(at));
}
// A calendar day of no zone: "2026-11-23".
export function plain_day(text: string): string {
  return new Intl.DateTimeFormat(current_language(), {
    month: 'short',
    day: 'numeric',
    weekday: 'short',
    timeZone: 'UTC',
  }).format(Date.parse(`${text}T00:00:00Z`));
}
// The clock for today, otherwise the day too.
export function clock_or_day(at: Time, now_ms: number): string {
  return day(at) === day(new Date(now_ms).toISOString()) ? clock(at) : `${day(at)} ${clock(at)}`;
}
