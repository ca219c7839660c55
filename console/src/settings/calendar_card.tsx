// Opening hours of one calendar: zone, week, Japan's holidays, own days.
import { useState } from 'react';
import { useHolidays } from '../api/queries';
import type { PromiseCalendar } from '../api/types';
import { useDesk } from '../app/desk';
import { time_zones } from '../first_run/time_zones';
import { t } from '../i18n/i18n';
import { holiday_words } from '../i18n/promise_story';
import { plain_day } from '../i18n/time_words';
import { Button } from '../ui/button';
import { Check, Choice, Field } from '../ui/field';
import style from './settings.module.css';
import { SpansField } from './spans_field';
import { weekday_name, weekday_order } from './weekdays';

interface Props {
  calendar: PromiseCalendar;
  on_change: (calendar: PromiseCalendar) => void;
  on_remove?: () => void;
}
export function CalendarCard({ calendar, on_change, on_remove }: Props) {
  const set = (part: Partial<PromiseCalendar>): void => on_change({ ...calendar, ...part });
  return (
    <article className={style.card}>
      <div className={style.two}>
        <Field
          label={t('field.name')}
          value={calendar.name}
          placeholder={t(calendar.always_open ? 'promise.always_open' : 'promise.hours')}
          maxLength={60}
          onChange={(event) => set({ name: event.target.value })}
        />
        <Choice
          label={t('field.time_zone')}
          value={calendar.time_zone}
          onChange={(event) => set({ time_zone: event.target.value })}
        >
          {time_zones(calendar.time_zone).map((one) => (
            <option key={one}>{one}</option>
          ))}
        </Choice>
      </div>
      <Check
        label={t('promise.always_open')}
        checked={calendar.always_open}
        onChange={(event) =>
          set({
            always_open: event.target.checked,
            ...(calendar.week.every((day) => day.length === 0)
              ? {
                  week: calendar.week.map((_, day) =>
                    day % 6 === 0 ? [] : [{ from: '09:00', to: '18:00' }],
                  ),
                }
              : {}),
          })
        }
      />
      {!calendar.always_open && (
        <>
          <p className={`${style.meta} ${style.hint}`}>{t('promise.hours.hint')}</p>
          <div className={style.week}>
            {weekday_order.map((day) => (
              <SpansField
                key={day}
                label={weekday_name(day)}
                spans={calendar.week[day] ?? []}
                on_change={(spans) => set({ week: calendar.week.with(day, spans) })}
              />
            ))}
          </div>
          <div className={style.hint}>
            <Button
              onClick={() =>
                set({
                  week: calendar.week.map((spans, day) => (day % 6 === 0 ? spans : (calendar.week[1] ?? []))),
                })
              }
            >
              {t('promise.copy_monday')}
            </Button>
          </div>
          <Check
            label={t('promise.japans_holidays')}
            checked={calendar.japans_holidays}
            onChange={(event) => set({ japans_holidays: event.target.checked })}
          />
          {calendar.japans_holidays && <Holidays />}
          <OwnDays calendar={calendar} on_change={on_change} />
        </>
      )}
      {on_remove && (
        <div className={style.verbs}>
          <Button look="quiet" onClick={on_remove}>
            {t('promise.hours.remove')}
          </Button>
        </div>
      )}
    </article>
  );
}

function Holidays() {
  const { ws } = useDesk();
  const [year, set_year] = useState(() => new Date().getFullYear());
  const holidays = useHolidays(ws, year);
  return (
    <details>
      <summary>{t('promise.holidays.show')}</summary>
      <Field
        type="number"
        label={t('promise.year')}
        min={2007}
        max={2099}
        value={year}
        onChange={(event) => {
          const wanted = Number(event.target.value);
          if (wanted >= 2007 && wanted <= 2099) set_year(wanted);
        }}
      />
      <ul>
        {(holidays.data ?? []).map((one) => (
          <li key={one.day} className={style.meta}>
            {plain_day(one.day)} {holiday_words(one.holiday, '')}
          </li>
        ))}
      </ul>
    </details>
  );
}

function OwnDays({ calendar, on_change }: Props) {
  const days = calendar.own_days;
  const set = (own_days: PromiseCalendar['own_days']): void => on_change({ ...calendar, own_days });
  const add = (): void => {
    const day = new Date(Date.now() + 86_400_000);
    while (days.some((one) => one.day === day.toISOString().slice(0, 10)))
      day.setUTCDate(day.getUTCDate() + 1);
    set([...days, { day: day.toISOString().slice(0, 10), name: '', spans: [] }]);
  };
  return (
    <>
      <h4 className={style.sub}>{t('promise.own_days')}</h4>
      <p className={`${style.meta} ${style.hint}`}>{t('promise.own_days.hint')}</p>
      {days.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a day changes while it is typed, its place does not
        <div key={`${at} ${days.length}`} className={style.own_day}>
          <Field
            type="date"
            label={t('promise.day')}
            value={one.day}
            required
            onChange={(event) =>
              event.target.value && set(days.with(at, { ...one, day: event.target.value }))
            }
          />
          <Field
            label={t('field.name')}
            value={one.name}
            maxLength={60}
            onChange={(event) => set(days.with(at, { ...one, name: event.target.value }))}
          />
          <SpansField
            label={t('promise.hours')}
            spans={one.spans}
            on_change={(spans) => set(days.with(at, { ...one, spans }))}
          />
          <Button look="quiet" onClick={() => set(days.toSpliced(at, 1))}>
            {t('action.remove')}
          </Button>
        </div>
      ))}
      <Button onClick={add}>{t('promise.own_days.add')}</Button>
    </>
  );
}
