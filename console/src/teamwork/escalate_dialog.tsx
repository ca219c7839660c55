// Ask another department: its queue, its own promise, and the company's tracker by webhook.
import { useId, useState } from 'react';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { asked_for, type TeamDialogProps } from './dialog_store';
import { ReceiverChoice } from './receiver_choice';
import style from './teamwork.module.css';

export function EscalateDialog({ of, on_close, on_run }: TeamDialogProps) {
  const id = useId();
  const [to, set_to] = useState('');
  const [note, set_note] = useState('');
  return (
    <Dialog title={t('command.escalate')} about={t('escalate.about')} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          on_run({
            actions: [{ do: 'escalate', team_id: to.split(' ')[1]!, text: note }],
            ...asked_for(of),
          });
        }}
      >
        <ReceiverChoice label={t('escalate.to')} value={to} on_change={set_to} people={false} auto_focus />
        <label htmlFor={id}>{t('escalate.note')}</label>
        <textarea
          id={id}
          className={style.text}
          value={note}
          maxLength={5_000}
          onChange={(event) => set_note(event.target.value)}
        />
        <div className={style.row}>
          <Button onClick={on_close}>{t('action.cancel')}</Button>
          <Button type="submit" look="primary" disabled={!to}>
            {t('escalate.do')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
