// Why we do not answer. The workspace keeps the usual reasons; another one can be typed.
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { reason_words } from '../i18n/reason_words';
import { Dialog } from '../ui/dialog';
import { PickList } from '../ui/pick_list';
import type { PickerProps } from './assign_picker';

export function DismissPicker({ rows, on_answer, on_close }: PickerProps) {
  const { workspace } = useDesk();
  const reasons = workspace?.settings.dismiss_reasons ?? [];
  const title = t('pick.dismiss', { count: rows.length });
  const answer = (reason: string) => on_answer({ kind: 'dismiss', reason });
  return (
    <Dialog bare title={title} on_close={on_close}>
      <PickList
        picks={reasons.map((reason) => ({ id: reason, label: reason_words(reason) }))}
        label={title}
        placeholder={title}
        on_pick={answer}
        on_free={answer}
        empty={t('pick.dismiss.type')}
      />
    </Dialog>
  );
}
