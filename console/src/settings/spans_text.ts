// Opening hours as people type them: "9:00-12:00, 13:00-18:00", also "９：００〜１８：００" and "22-26" over midnight.
import type { OpenSpan } from '../api/types';

const minute_of = (hours: string, minutes: string | undefined): number =>
  Number(hours) * 60 + Number(minutes ?? 0);
const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

// Nothing when it cannot be read. An end that is not later than its beginning is on the next day.
export function parse_spans(typed: string): OpenSpan[] | null {
  const text = typed.normalize('NFKC').trim();
  if (text === '') return [];
  const spans: [number, number][] = [];
  for (const part of text.split(/[,、;]|\s{1,}(?=\d)/).filter((one) => one.trim() !== '')) {
    const hit = /^\s*(\d{1,2})(?::(\d{2}))?\s*[-–—~〜～ー−]\s*(\d{1,2})(?::(\d{2}))?\s*$/.exec(part);
    if (!hit) return null;
    const from = minute_of(hit[1]!, hit[2]);
    let to = minute_of(hit[3]!, hit[4]);
    if (to <= from) to += 1440;
    if (from >= 1440 || to > 2880 || Number(hit[2] ?? 0) > 59 || Number(hit[4] ?? 0) > 59) return null;
    spans.push([from, to]);
  }
  spans.sort((a, b) => a[0] - b[0]);
  if (spans.some((span, at) => at > 0 && span[0] < spans[at - 1]![1])) return null;
  return spans.map(([from, to]) => ({ from: clock(from), to: clock(to) }));
}
export const spans_text = (spans: readonly OpenSpan[]): string =>
  spans.map((span) => `${span.from}–${span.to}`).join(', ');
