// Until when the case leaves the list.
import { useState } from 'react';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { absolute, current_zone } from '../i18n/time_words';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { PickList } from '../ui/pick_list';
import type { PickerProps } from './assign_picker';
import style from './pickers.module.css';
import { instant, presets } from './snooze_times';

export const minutes_words = (minutes: number): string =>
  minutes % 1440 === 0
    ? t('snooze.days', { count: minutes / 1440 })
    : minutes % 60 === 0
      ? t('snooze.hours', { count: minutes / 60 })
      : t('snooze.minutes', { count: minutes });

export function SnoozePicker({ rows, on_answer, on_close }: PickerProps) {
  const { workspace } = useDesk();
  const [now] = useState(Date.now);
  const [own, set_own] = useState(false);
  const [when, set_when] = useState('');
  const asked = workspace?.settings.snooze_presets_minutes;
  const list = presets(asked?.length ? asked : [60, 180, 1440], now, current_zone());
  const answer = (until: number) => on_answer({ kind: 'snooze', until: new Date(until).toISOString() });
  const title = t('pick.snooze', { count: rows.length });
  if (own) {
    const [, year, month, day, hour, minute] = /^(\d+)-(\d+)-(\d+)T(\d+):(\d+)/.exec(when) ?? [];
    const until = year
      ? instant(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), current_zone())
      : Number.NaN;
    return (
      <Dialog title={title} on_close={on_close}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (until > Date.now()) answer(until);
          }}
        >
          <Field
            type="datetime-local"
            label={t('snooze.own')}
            hint={t('snooze.zone', { zone: current_zone() })}
            value={when}
            required
            autoFocus
            error={when && !(until > Date.now()) ? t('snooze.past') : undefined}
            onChange={(event) => set_when(event.target.value)}
          />
          <div className={style.row}>
            <Button onClick={() => set_own(false)}>{t('action.back')}</Button>
            <Button type="submit" look="primary">
              {t('action.snooze')}
            </Button>
          </div>
        </form>
      </Dialog>
    );
  }
  const picks = list.map((preset) => ({
    id: preset.id,
    label: preset.kind === 'minutes' ? minutes_words(preset.minutes) : t(`snooze.${preset.kind}`),
    hint: absolute(new Date(preset.until).toISOString()),
  }));
  picks.push({ id: 'own', label: t('snooze.own'), hint: '' });
  return (
    <Dialog bare title={title} on_close={on_close}>
      <PickList
        picks={picks}
        label={title}
        placeholder={title}
        on_pick={(id) => {
          const preset = list.find((one) => one.id === id);
          if (preset) answer(preset.until);
          else set_own(true);
        }}
      />
    </Dialog>
  );
}
