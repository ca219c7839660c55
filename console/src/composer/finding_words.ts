// What a check found, as a sentence. Parameters come from the server as text and are shown as text.
import type { Finding, Severity } from '../api/types';
import { t, t_or } from '../i18n/i18n';
import { absolute } from '../i18n/time_words';

export function finding_words(finding: Finding): string {
  const { params } = finding;
  const text = (name: string): string => params[name] ?? '';
  const number = (name: string): number => Number(params[name] ?? 0);
  return t_or(`check.${finding.check}`, check_name(finding.check), {
    kind: text('kind') ? t_or(`check.kind.${text('kind')}`, text('kind')) : '',
    word: text('word'),
    instead: text('instead') ? t('check.say_instead', { instead: text('instead') }) : '',
    name: text('name'),
    customer: text('customer'),
    account: text('account'),
    topic: text('topic'),
    host: text('host'),
    link: text('link'),
    initials: text('initials'),
    count: number('count'),
    limit: number('limit'),
    over: number('over'),
    percent: number('percent'),
    number: text('number'),
    time: text('at') ? absolute(text('at')) : '',
  });
}
export const check_name = (check: string): string => t_or(`check.${check}.name`, check.replaceAll('_', ' '));
export const severity_words = (severity: Severity): string => t(`check.severity.${severity}`);

const order: Severity[] = ['blocked', 'second_person', 'hint', 'off'];
// The gravest first; inside of that the server's order.
export function sorted(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}
export function worst(findings: readonly Finding[]): Severity {
  return sorted(findings)[0]?.severity ?? 'off';
}

// Places to mark in the text as it is now: the answer was about an earlier one, and what stands before the
// first change still stands where it stood.
export interface Mark {
  start: number;
  end: number;
  severity: Severity;
}
export function marks_in(text: string, checked: string, findings: readonly Finding[]): Mark[] {
  let same = 0;
  const most = Math.min(text.length, checked.length);
  while (same < most && text[same] === checked[same]) same++;
  const marks: Mark[] = [];
  for (const { ranges, severity } of sorted(findings))
    for (const [start, end] of ranges)
      if (start < end && end <= same && !marks.some((mark) => start < mark.end && mark.start < end))
        marks.push({ start, end, severity });
  return marks.sort((a, b) => a.start - b.start);
}
