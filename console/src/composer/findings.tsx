// What the checks found, beside the text: the gravest first, each told apart by its shape as well as its colour.
import { useState } from 'react';
import type { Finding } from '../api/types';
import { t } from '../i18n/i18n';
import { finding_words, severity_words, sorted } from './finding_words';
import style from './findings.module.css';

const shapes = {
  blocked: 'M5.2 2h5.6L14 5.2v5.6L10.8 14H5.2L2 10.8V5.2zM5.5 8h5',
  second_person: 'M6 7.4a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Zm-4 5.4c.4-2 2-3 4-3s3.6 1 4 3M11 4v4M9 6h4',
  hint: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.5V11M8 5h.01',
  off: '',
};
const shown_first = 3;

export function Findings({
  findings,
  on_place,
}: {
  findings: readonly Finding[];
  on_place?: (start: number, end: number) => void;
}) {
  const [all, set_all] = useState(false);
  const list = sorted(findings);
  // What holds a reply back is never folded away.
  const kept = all ? list : list.filter((one, at) => at < shown_first || one.severity !== 'hint');
  return (
    <div className={style.findings} role="status" aria-label={t('check.label')}>
      {kept.map((finding) => {
        const range = finding.ranges[0];
        const words = finding_words(finding);
        return (
          <div
            key={`${finding.check} ${finding.ranges.join()} ${words}`}
            className={style.finding}
            data-severity={finding.severity}
            data-check={finding.check}
          >
            <svg width="15" height="15" viewBox="0 0 16 16" aria-hidden="true">
              <path
                d={shapes[finding.severity]}
                fill="none"
                stroke="currentColor"
                strokeWidth="1.5"
                strokeLinecap="round"
                strokeLinejoin="round"
              />
            </svg>
            <p>
              {finding.severity !== 'hint' && <b>{severity_words(finding.severity)}</b>}
              {range && on_place ? (
                <button type="button" onClick={() => on_place(...range)}>
                  {words}
                </button>
              ) : (
                words
              )}
            </p>
          </div>
        );
      })}
      {kept.length < list.length && (
        <button type="button" className={style.more} onClick={() => set_all(true)}>
          {t('check.more', { count: list.length - kept.length })}
        </button>
      )}
    </div>
  );
}
