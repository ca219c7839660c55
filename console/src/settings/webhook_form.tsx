// Where replies of an open-channel account are delivered.
import { useState } from 'react';
import { patch } from '../api/client';
import { ws_path } from '../api/keys';
import type { Account } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import style from './settings.module.css';
import { useChange } from './use_change';

export function WebhookForm({ account, on_done }: { account: Account; on_done: () => void }) {
  const { ws } = useDesk();
  const { change, busy } = useChange('accounts');
  const [url, set_url] = useState(String(account.settings.webhook_url ?? ''));
  const [error, set_error] = useState('');
  const save = async (): Promise<void> => {
    try {
      await change(
        () =>
          patch(ws_path(ws, `/accounts/${account.id}`), {
            settings: { ...account.settings, webhook_url: url },
          }),
        true,
      );
      on_done();
    } catch (reason) {
      set_error(words_of(reason));
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Field
        type="url"
        label={t('accounts.webhook.url')}
        hint={t('accounts.webhook.hint')}
        value={url}
        autoFocus
        error={error || undefined}
        onChange={(event) => set_url(event.target.value)}
      />
      <div className={style.row}>
        <Button onClick={on_done}>{t('action.cancel')}</Button>
        <Button type="submit" look="primary" disabled={busy}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}
