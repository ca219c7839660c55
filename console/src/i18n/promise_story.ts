// A promise in words: "Due Tue 09:20", "Fri, Nov 20: 40 min counted", "Mon, Nov 23: Labour Thanksgiving Day".
import type { EscalationPlan, PromisePlan, PromiseStep } from '../api/types';
import { t, t_or } from './i18n';
import { absolute, plain_day } from './time_words';

export function minutes_words(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return t('duration.minutes', { count: rest });
  if (rest === 0) return t('duration.hours', { count: hours });
  return t('duration.both', { hours, minutes: rest });
}

export function step_words(step: PromiseStep): string {
  const day = plain_day(step.day);
  switch (step.what) {
    case 'used':
      return t('promise.step.used', { day, time: minutes_words(step.minutes) });
    case 'paused':
      return t('promise.step.paused', { day, time: minutes_words(step.minutes) });
    case 'closed':
      return step.day === step.last_day
        ? t('promise.step.closed', { day })
        : t('promise.step.closed_days', { day, last: plain_day(step.last_day) });
    case 'holiday':
      return t('promise.step.holiday', { day, name: holiday_words(step.holiday, step.name) });
  }
}
export const holiday_words = (holiday: string, own: string): string =>
  holiday ? t_or(`holiday.${holiday}`, holiday) : own || t('promise.own_day');

// `team`: whose promise it is, of an escalation.
export function promise_story(
  plan: PromisePlan | EscalationPlan,
  team = '',
): { title: string; about: string; lines: string[] } {
  const what = plan.kind === 'escalation' ? team : t(`promise.kind.${plan.kind}`);
  const title = plan.due_at
    ? t('promise.due', { what, time: absolute(plan.due_at) })
    : t('promise.stands', { what, time: minutes_words(plan.left_minutes) });
  const counted = { from: absolute(plan.from), time: minutes_words(plan.minutes) };
  const about =
    plan.kind === 'escalation'
      ? t(plan.inside ? 'promise.escalated.inside' : 'promise.escalated.outside', counted)
      : t(plan.inside ? 'promise.inside' : 'promise.outside', {
          ...counted,
          counting: t(`promise.counting.${plan.counting}`),
        });
  return { title, about, lines: plan.steps.map(step_words) };
}
