// The frame around a macro, view or rule that is being written: its name, who sees it, save.
import { type ReactNode, useState } from 'react';
import { patch, post } from '../api/client';
import { ws_path } from '../api/keys';
import { words_of } from '../api/words_of';
import { at_least, useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { useChange } from '../settings/use_change';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Check, Field } from '../ui/field';
import style from './teamwork.module.css';

export function DocumentForm({
  kind,
  of,
  whole,
  body,
  on_close,
  children,
}: {
  kind: 'macro' | 'view' | 'rule';
  of: { id: string; name: string; shared: boolean; version: number } | null;
  whole: boolean;
  body: () => object;
  on_close: () => void;
  children: ReactNode;
}) {
  const { ws, role } = useDesk();
  const { change, busy } = useChange(`${kind}s`, 'view_counts', 'cases');
  const may_share = at_least(role, 'lead');
  const [name, set_name] = useState(of?.name ?? '');
  const [shared, set_shared] = useState(of?.shared ?? (kind === 'rule' || may_share));
  const [error, set_error] = useState('');
  const save = async (): Promise<void> => {
    try {
      const fields = { name, shared, ...body() };
      await change(
        () =>
          of
            ? patch(ws_path(ws, `/${kind}s/${of.id}`), { ...fields, version: of.version })
            : post(ws_path(ws, `/${kind}s`), fields),
        true,
      );
      on_close();
    } catch (reason) {
      set_error(words_of(reason));
    }
  };
  return (
    <Dialog wide title={t(of ? `${kind}s.edit` : `${kind}s.add`)} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field
          label={t('field.name')}
          required
          autoFocus
          maxLength={60}
          value={name}
          onChange={(event) => set_name(event.target.value)}
        />
        {children}
        {kind !== 'rule' && (
          <Check
            label={t('documents.shared')}
            disabled={!may_share}
            checked={shared}
            onChange={(event) => set_shared(event.target.checked)}
          />
        )}
        {error && <p role="alert">{error}</p>}
        <div className={style.row}>
          <Button onClick={on_close}>{t('action.cancel')}</Button>
          <Button type="submit" look="primary" disabled={busy || !whole || !name.trim()}>
            {t('action.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
