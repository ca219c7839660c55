// Pure: until when a case sleeps. Presets of the workspace in minutes, and mornings in its time zone.
export interface Preset {
  id: string;
  kind: 'minutes' | 'tomorrow' | 'monday';
  minutes: number;
  until: number;
}

// Minutes that `zone` is ahead of UTC at that moment.
export function zone_offset(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(at);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  return Math.round((local - Math.floor(at / 60_000) * 60_000) / 60_000);
}
// A wall-clock time in the zone as an instant.
export function instant(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  zone: string,
): number {
  const wall = Date.UTC(year, month, day, hour, minute);
  const guess = wall - zone_offset(wall, zone) * 60_000;
  return wall - zone_offset(guess, zone) * 60_000;
}
export function presets(minutes: readonly number[], now: number, zone: string): Preset[] {
  const local = new Date(now + zone_offset(now, zone) * 60_000);
  const morning = (days: number): number =>
    instant(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate() + days, 9, 0, zone);
  const weekday = local.getUTCDay();
  const list: Preset[] = minutes.map((one) => ({
    id: `m${one}`,
    kind: 'minutes',
    minutes: one,
    until: now + one * 60_000,
  }));
  list.push({ id: 'tomorrow', kind: 'tomorrow', minutes: 0, until: morning(1) });
  if (weekday !== 0) list.push({ id: 'monday', kind: 'monday', minutes: 0, until: morning(8 - weekday) });
  return list;
}
