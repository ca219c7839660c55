// Several changes of several cases, or of a whole list: put together, looked at, done as one.
import { useState } from 'react';
import type { Action } from '../api/types';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { ActPreviewView, useActPreview } from './act_preview';
import { ActionEditor, is_whole } from './action_editor';
import { rows_of, type TeamDialogProps } from './dialog_store';
import style from './teamwork.module.css';

export function SeveralDialog({
  of,
  first,
  on_close,
  on_run,
}: TeamDialogProps & { first: Action | undefined }) {
  const [actions, set_actions] = useState<Action[]>([first ?? { do: 'add_tags', tags: [] }]);
  const [looking, set_looking] = useState(first?.do === 'resolve' || first?.do === 'assign_me');
  const whole = actions.length > 0 && actions.every(is_whole);
  const preview = useActPreview(of, looking && whole ? { actions } : null, actions);
  const count = preview.query.data?.cases ?? rows_of(of).length;
  const title = Array.isArray(of)
    ? t('acts.several', { count: of.length })
    : t('acts.whole', { view: of.name });
  return (
    <Dialog wide title={title} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!whole) return;
          if (!looking) set_looking(true);
          else if (preview.run) on_run(preview.run);
        }}
      >
        <ActionEditor
          actions={actions}
          on_change={(next) => {
            set_looking(false);
            set_actions(next);
          }}
        />
        {looking && whole && <ActPreviewView of={preview} />}
        <div className={style.row}>
          <Button onClick={on_close}>{t('action.cancel')}</Button>
          <Button
            type="submit"
            look={looking ? 'primary' : 'plain'}
            disabled={!whole || (looking && (!preview.run || count === 0))}
          >
            {t(looking ? 'acts.run' : 'acts.preview', { count })}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
