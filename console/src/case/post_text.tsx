// What a post says: the subject of a mail, the text, on demand its form, and what it repeats of earlier mails, folded.
import { lazy, Suspense, useState } from 'react';
import type { PostItem } from '../api/types';
import { t } from '../i18n/i18n';
import { Marked, WithInlines } from '../ui/marked';
import style from './post_text.module.css';
import { Receivers } from './receivers';

const SafeMarkup = lazy(() => import('./safe_markup').then((part) => ({ default: part.SafeMarkup })));
const reasons = ['too_large', 'too_long', 'too_complex', 'encrypted', 'tnef', 'only_link'] as const;

export function PostText({ item }: { item: PostItem }) {
  const [formatted, set_formatted] = useState(false);
  const reason = reasons.find((one) => one === item.incomplete);
  const text =
    item.text &&
    (item.inlines.length > 0 ? (
      <WithInlines text={item.text} marks={item.marks} inlines={item.inlines} />
    ) : (
      <Marked text={item.text} marks={item.marks} links />
    ));
  return (
    <>
      {item.subject && <div className={style.subject}>{item.subject}</div>}
      <Receivers item={item} />
      {formatted ? (
        <div className={style.formatted}>
          <Suspense fallback={text}>
            <SafeMarkup html={item.html} files={item.attachments} />
          </Suspense>
        </div>
      ) : (
        text
      )}
      {reason && <p className={style.note}>{t(`post.incomplete.${reason}`)}</p>}
      {(item.html || item.quoted) && (
        <div className={style.more}>
          {item.html && (
            <button
              type="button"
              className={style.toggle}
              aria-pressed={formatted}
              onClick={() => set_formatted(!formatted)}
            >
              {t(formatted ? 'mail.formatted.hide' : 'mail.formatted.show')}
            </button>
          )}
          {item.quoted && !formatted && (
            <details className={style.quoted}>
              <summary>{t('mail.quoted')}</summary>
              <div>
                <Marked text={item.quoted} links />
              </div>
            </details>
          )}
        </div>
      )}
    </>
  );
}
