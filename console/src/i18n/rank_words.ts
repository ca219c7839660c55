// Why a case stands where it does, in words: the same in the row, in the case and in the preview of new weights.
import type { CaseRow, RankReason } from '../api/types';
import { t, t_or } from './i18n';
import { absolute } from './time_words';

type Ranked = Pick<CaseRow, 'due_at' | 'rank_at' | 'rank_why'>;

export function rank_reason(reason: RankReason): string {
  const { key, minutes } = reason;
  const what = key.startsWith('group:')
    ? t('rank.key.group', { name: key.slice('group:'.length) })
    : t_or(`rank.key.${key}`, key);
  const by = t(minutes < 0 ? 'rank.later' : 'rank.earlier', { count: Math.abs(minutes) });
  return `${what}: ${by}`;
}
export function rank_lines(row: Ranked): string[] {
  return row.rank_at ? row.rank_why.map(rank_reason) : [];
}
// These stand in the row as chips already, and waiting time in its promise.
const seen_in_row = ['danger', 'legal', 'money', 'among_users', 'chatter', 'waiting'];
// The weightiest ones that put it up, for a place with little room.
export function rank_short(row: Ranked, { beside_chips = false } = {}): string {
  if (!row.rank_at) return '';
  return row.rank_why
    .filter(
      (one) => one.minutes > 0 && (beside_chips ? !seen_in_row.includes(one.key) : one.key !== 'waiting'),
    )
    .slice(0, 2)
    .map((one) =>
      one.key.startsWith('group:') ? one.key.slice('group:'.length) : t_or(`rank.key.${one.key}`, one.key),
    )
    .join(' · ');
}
export function rank_base(row: Ranked): string {
  if (row.due_at) return t('rank.promise', { time: absolute(row.due_at) });
  const minutes = row.rank_why.reduce((sum, one) => sum + one.minutes, 0);
  const base = new Date(Date.parse(row.rank_at ?? '') + minutes * 60_000).toISOString();
  return t('rank.no_promise', { time: absolute(base) });
}
