// Why the case is only watched, then until when at most. The reasons are those for which cases are dismissed.
import { useState } from 'react';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { reason_words } from '../i18n/reason_words';
import { absolute, current_zone } from '../i18n/time_words';
import { Dialog } from '../ui/dialog';
import { PickList } from '../ui/pick_list';
import type { PickerProps } from './assign_picker';
import { minutes_words } from './snooze_picker';
import { presets } from './snooze_times';

const days = [1440, 3 * 1440, 7 * 1440, 30 * 1440];

export function WatchPicker({ rows, on_answer, on_close }: PickerProps) {
  const { workspace } = useDesk();
  const [now] = useState(Date.now);
  const [reason, set_reason] = useState<string | null>(null);
  if (reason === null) {
    const reasons = workspace?.settings.dismiss_reasons ?? [];
    const title = t('pick.watch', { count: rows.length });
    return (
      <Dialog bare title={title} on_close={on_close}>
        <PickList
          picks={reasons.map((one) => ({ id: one, label: reason_words(one) }))}
          label={title}
          placeholder={title}
          on_pick={set_reason}
          on_free={set_reason}
          empty={t('pick.watch.type')}
        />
      </Dialog>
    );
  }
  const times = presets(days, now, current_zone()).filter((one) => one.kind === 'minutes');
  const picks = [
    { id: '', label: t('pick.watch.no_time'), hint: '' },
    ...times.map((one) => ({
      id: one.id,
      label: minutes_words(one.minutes),
      hint: absolute(new Date(one.until).toISOString()),
    })),
  ];
  const title = t('pick.watch.until');
  return (
    <Dialog key="until" bare title={title} on_close={on_close}>
      <PickList
        key="until"
        picks={picks}
        label={title}
        placeholder={title}
        on_pick={(id) => {
          const until = times.find((one) => one.id === id)?.until;
          on_answer({ kind: 'watch', reason, until: until ? new Date(until).toISOString() : null });
        }}
      />
    </Dialog>
  );
}
