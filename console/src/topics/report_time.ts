// The hours of a report, put together to the columns that are shown: hours of a day, days of the workspace's zone.
export const spans = ['day', 'week', 'month', 'quarter'] as const;
export type Span = (typeof spans)[number];
const hours: Record<Span, number> = { day: 24, week: 7 * 24, month: 30 * 24, quarter: 91 * 24 };
const hour_ms = 3_600_000;

export function span_times(span: Span, now: number): { from: string; to: string } {
  const to = (Math.floor(now / hour_ms) + 1) * hour_ms;
  return { from: new Date(to - hours[span] * hour_ms).toISOString(), to: new Date(to).toISOString() };
}

export interface Column {
  from: string;
  to: string;
  label: string;
  posts: number;
  previous: number;
}
export function columns(
  report: { from: string; volume: number[]; previous_volume: number[] },
  by_hour: boolean,
  label: (time: Date) => string,
): Column[] {
  const begin = Date.parse(report.from);
  const out: Column[] = [];
  report.volume.forEach((posts, n) => {
    const from = new Date(begin + n * hour_ms);
    const to = new Date(begin + (n + 1) * hour_ms).toISOString();
    const name = label(from);
    const previous = report.previous_volume[n] ?? 0;
    const last = out.at(-1);
    if (!by_hour && last && last.label === name) {
      last.posts += posts;
      last.previous += previous;
      last.to = to;
    } else out.push({ from: from.toISOString(), to, label: name, posts, previous });
  });
  return out;
}
