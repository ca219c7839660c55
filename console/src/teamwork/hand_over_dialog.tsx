// Hand a case over with a note: one step, and the receiver is told.
import { useId, useState } from 'react';
import { expected } from '../api/case_actions';
import { key, ws_path } from '../api/keys';
import type { CaseRow } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { put_row } from '../live/apply';
import { new_request, send_or_keep, type Waiting } from '../live/queue';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { show_toast } from '../ui/toast_store';
import { rows_of, type TeamDialogProps } from './dialog_store';
import { ReceiverChoice } from './receiver_choice';
import { say_it_waits } from './run_act';
import style from './teamwork.module.css';

export function HandOverDialog({ of, on_close }: TeamDialogProps) {
  const { ws, me, desk } = useDesk();
  const id = useId();
  const [to, set_to] = useState('');
  const [note, set_note] = useState('');
  const [error, set_error] = useState('');
  const [busy, set_busy] = useState(false);
  const row = rows_of(of)[0]!;
  const send = async (): Promise<void> => {
    const [kind, receiver] = to.split(' ');
    set_busy(true);
    try {
      const item: Waiting = {
        path: ws_path(ws, `/cases/${row.id}/handover`),
        method: 'POST',
        body: {
          [kind === 'team' ? 'team_id' : 'user_id']: receiver,
          note,
          request_id: new_request(),
        },
      };
      const changed = await send_or_keep<CaseRow>(item);
      if (changed === 'later') {
        if (kind === 'user' && receiver)
          put_row(desk.cache, ws, me.id, expected(row, { kind: 'assign', user_id: receiver }), true);
        say_it_waits(item, () => put_row(desk.cache, ws, me.id, row, true));
        on_close();
        return;
      }
      put_row(desk.cache, ws, me.id, changed, true);
      void desk.cache.invalidateQueries({ queryKey: key.timeline(ws, row.id) });
      show_toast({ text: 'toast.handed_over', tone: 'plain' }, 4_000);
      on_close();
    } catch (reason) {
      set_error(words_of(reason));
      set_busy(false);
    }
  };
  return (
    <Dialog title={t('command.hand_over')} about={t('hand_over.about')} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <ReceiverChoice label={t('hand_over.to')} value={to} on_change={set_to} left_out={me.id} auto_focus />
        <label htmlFor={id}>{t('hand_over.note')}</label>
        <textarea
          id={id}
          className={style.text}
          value={note}
          maxLength={5_000}
          onChange={(event) => set_note(event.target.value)}
        />
        {error && <p role="alert">{error}</p>}
        <div className={style.row}>
          <Button onClick={on_close}>{t('action.cancel')}</Button>
          <Button type="submit" look="primary" disabled={busy || !to}>
            {t('hand_over.do')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
