// Promises and hours: until when we answer, in which hours, and on which days not. One draft, saved as a whole.
import { useState } from 'react';
import { put } from '../api/client';
import { ws_path } from '../api/keys';
import { useBook, useBookVersions, useMembers } from '../api/queries';
import type { PromiseBook, PromiseCalendar, PromisePolicy } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { absolute } from '../i18n/time_words';
import { Button } from '../ui/button';
import { Failed, Loading } from '../ui/state';
import { show_toast } from '../ui/toast_store';
import { CalendarCard } from './calendar_card';
import { PolicyCard } from './policy_card';
import { PromisePreviewPanel } from './promise_preview';
import style from './settings.module.css';
import { useChange } from './use_change';

export function Promises() {
  const { ws } = useDesk();
  const book = useBook(ws);
  if (book.isPending) return <Loading rows={5} />;
  if (book.error) return <Failed error={book.error} retry={() => void book.refetch()} />;
  return <Editor saved={book.data} />;
}

const free_key = (prefix: string, taken: readonly { key: string }[]): string => {
  for (let n = 1; ; n++) if (!taken.some((one) => one.key === `${prefix}-${n}`)) return `${prefix}-${n}`;
};
const office = [{ from: '09:00', to: '18:00' }];

function Editor({ saved }: { saved: PromiseBook }) {
  const { ws, role, workspace } = useDesk();
  const { change, busy } = useChange('promises', 'promise_versions');
  const [draft, set_draft] = useState<PromiseBook | null>(null);
  const may = at_least(role, 'lead');
  const shown = draft ?? saved;
  const set = (part: Partial<PromiseBook>): void => set_draft({ ...shown, ...part });
  const set_calendar = (at: number, calendar: PromiseCalendar): void =>
    set({ calendars: shown.calendars.with(at, calendar) });
  const set_policy = (at: number, policy: PromisePolicy): void =>
    set({ policies: shown.policies.with(at, policy) });
  const move = (at: number, by: -1 | 1): void => {
    const policies = shown.policies.slice();
    const [moved] = policies.splice(at, 1);
    policies.splice(at + by, 0, moved!);
    set({ policies });
  };
  const add_calendar = (): void =>
    set({
      calendars: [
        ...shown.calendars,
        {
          key: free_key('hours', shown.calendars),
          name: '',
          time_zone: workspace?.time_zone ?? 'Asia/Tokyo',
          always_open: false,
          week: [[], office, office, office, office, office, []],
          japans_holidays: (workspace?.time_zone ?? '') === 'Asia/Tokyo',
          own_days: [],
        },
      ],
    });
  const add_policy = (): void =>
    set({
      policies: [
        {
          ...shown.policies.at(-1)!,
          key: free_key('policy', shown.policies),
          name: '',
          priorities: ['urgent'],
        },
        ...shown.policies,
      ],
    });
  const save = (): void => {
    void change(() => put<PromiseBook>(ws_path(ws, '/promises'), shown)).then((done) => {
      if (!done) return;
      set_draft(null);
      show_toast({ text: 'toast.saved', tone: 'plain' }, 3_000);
    });
  };
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.promises')}</h2>
      </div>
      <p className={style.about}>{t(may ? 'promise.about' : 'settings.read_only')}</p>
      <PromisePreviewPanel book={shown} />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <fieldset disabled={!may}>
          <h3 className={style.sub}>{t('promise.calendars')}</h3>
          <div className={style.cards}>
            {shown.calendars.map((calendar, at) => (
              <CalendarCard
                key={calendar.key}
                calendar={calendar}
                on_change={(next) => set_calendar(at, next)}
                {...(shown.policies.some((policy) => policy.calendar === calendar.key)
                  ? {}
                  : { on_remove: () => set({ calendars: shown.calendars.toSpliced(at, 1) }) })}
              />
            ))}
          </div>
          <div className={`${style.row} ${style.start}`} style={{ marginTop: 10 }}>
            <Button onClick={add_calendar}>{t('promise.calendar.add')}</Button>
          </div>
          <h3 className={style.sub}>{t('promise.policies')}</h3>
          <p className={style.about}>{t('promise.policies.about')}</p>
          <div className={style.cards}>
            {shown.policies.map((policy, at) => (
              <PolicyCard
                key={policy.key}
                policy={policy}
                calendars={shown.calendars}
                last={at === shown.policies.length - 1}
                on_change={(next) => set_policy(at, next)}
                {...(at > 0 && at < shown.policies.length - 1 ? { on_up: () => move(at, -1) } : {})}
                {...(at < shown.policies.length - 2 ? { on_down: () => move(at, 1) } : {})}
                on_remove={() => set({ policies: shown.policies.toSpliced(at, 1) })}
              />
            ))}
          </div>
          <div className={`${style.row} ${style.start}`} style={{ marginTop: 10 }}>
            <Button onClick={add_policy}>{t('promise.policy.add')}</Button>
          </div>
          <div className={style.row} style={{ marginTop: 18 }}>
            {draft && <Button onClick={() => set_draft(null)}>{t('action.discard')}</Button>}
            <Button type="submit" look="primary" disabled={busy || !draft}>
              {t('action.save')}
            </Button>
          </div>
        </fieldset>
      </form>
      <Versions />
    </>
  );
}

function Versions() {
  const { ws } = useDesk();
  const versions = useBookVersions(ws);
  const members = useMembers(ws);
  if (!versions.data?.length) return null;
  return (
    <>
      <h3 className={style.sub}>{t('promise.history')}</h3>
      <ul>
        {versions.data.slice(0, 10).map((one) => (
          <li key={one.version} className={style.meta}>
            {t('promise.version', {
              number: one.version,
              time: absolute(one.changed_at),
              name: members.data?.find((member) => member.user_id === one.changed_by)?.name ?? t('fact.desk'),
            })}
          </li>
        ))}
      </ul>
    </>
  );
}
