// What would be due by the book as it stands on the screen, saved or not.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { Priority, PromiseBook, PromisePreview } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { promise_story } from '../i18n/promise_story';
import { Choice, Field } from '../ui/field';
import { priorities } from './policy_card';
import style from './settings.module.css';

const local_now = (): string => {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

export function PromisePreviewPanel({ book }: { book: PromiseBook }) {
  const { ws } = useDesk();
  const [at, set_at] = useState(local_now);
  const [priority, set_priority] = useState<Priority>('normal');
  const { calendars, policies } = book;
  const asked = { calendars, policies, at: new Date(at || Date.now()).toISOString(), priority };
  const preview = useQuery({
    queryKey: [...key.part(ws, 'promise_preview'), asked],
    queryFn: () => post<PromisePreview>(ws_path(ws, '/promises/preview'), asked),
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <section className={style.card} aria-live="polite">
      <b>{t('promise.preview')}</b>
      <div className={style.two}>
        <Field
          type="datetime-local"
          label={t('promise.preview.at')}
          value={at}
          onChange={(event) => event.target.value && set_at(event.target.value)}
        />
        <Choice
          label={t('priority.title')}
          value={priority}
          onChange={(event) => set_priority(event.target.value as Priority)}
        >
          {priorities.map((one) => (
            <option key={one} value={one}>
              {t(`priority.${one}`)}
            </option>
          ))}
        </Choice>
      </div>
      {preview.error ? (
        <p role="alert">{words_of(preview.error)}</p>
      ) : (
        preview.data?.promises.map((plan) => {
          const story = promise_story(plan);
          return (
            <details key={plan.kind} open={plan.kind === 'first_reply'}>
              <summary>{story.title}</summary>
              <p className={style.meta}>{story.about}</p>
              {story.lines.map((line) => (
                <p key={line} className={style.meta}>
                  {line}
                </p>
              ))}
            </details>
          );
        })
      )}
    </section>
  );
}
