// Several changes of several cases: put together, looked at, done as one.
import { useState } from 'react';
import type { Action } from '../api/types';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { ActPreviewView, useActPreview } from './act_preview';
import { ActionEditor, is_whole } from './action_editor';
import type { TeamDialogProps } from './dialog_store';
import style from './teamwork.module.css';

export function SeveralDialog({ rows, on_close, on_run }: TeamDialogProps) {
  const [actions, set_actions] = useState<Action[]>([{ do: 'add_tags', tags: [] }]);
  const [looking, set_looking] = useState(false);
  const whole = actions.length > 0 && actions.every(is_whole);
  const request = { actions, case_ids: rows.map((row) => row.id) };
  const preview = useActPreview(looking && whole ? request : null);
  return (
    <Dialog wide title={t('acts.several', { count: rows.length })} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!whole) return;
          if (looking) on_run(request);
          else set_looking(true);
        }}
      >
        <ActionEditor
          actions={actions}
          on_change={(next) => {
            set_looking(false);
            set_actions(next);
          }}
        />
        {looking && whole && <ActPreviewView preview={preview} />}
        <div className={style.row}>
          <Button onClick={on_close}>{t('action.cancel')}</Button>
          <Button type="submit" look={looking ? 'primary' : 'plain'} disabled={!whole}>
            {t(looking ? 'acts.run' : 'acts.preview', { count: rows.length })}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
