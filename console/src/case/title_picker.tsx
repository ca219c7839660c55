// A case's own name.
import { useState } from 'react';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import type { PickerProps } from './assign_picker';
import style from './pickers.module.css';

export function TitlePicker({ rows, on_answer, on_close }: PickerProps) {
  const [title, set_title] = useState(rows[0]?.title ?? '');
  return (
    <Dialog title={t('pick.title')} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          on_answer({ kind: 'title', title: title.trim() });
        }}
      >
        <Field
          label={t('field.case_title')}
          value={title}
          autoFocus
          maxLength={200}
          onChange={(event) => set_title(event.target.value)}
        />
        <div className={style.row}>
          <Button onClick={on_close}>{t('action.cancel')}</Button>
          <Button type="submit" look="primary">
            {t('action.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
