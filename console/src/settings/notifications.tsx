// What I want to be told by mail, and when not.
import { useState } from 'react';
import { patch } from '../api/client';
import { ws_path } from '../api/keys';
import { useNotificationSettings } from '../api/queries';
import type { NotificationSettings } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Check, Field } from '../ui/field';
import { Failed, Loading } from '../ui/state';
import { show_toast } from '../ui/toast_store';
import style from './settings.module.css';
import { useChange } from './use_change';

export function Notifications() {
  const { ws } = useDesk();
  const settings = useNotificationSettings(ws);
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.notifications')}</h2>
      </div>
      <p className={style.about}>{t('notifications.about')}</p>
      {settings.isPending ? (
        <Loading rows={3} />
      ) : settings.error ? (
        <Failed error={settings.error} retry={() => void settings.refetch()} />
      ) : (
        <Form stored={settings.data} />
      )}
    </>
  );
}

function Form({ stored }: { stored: NotificationSettings }) {
  const { ws } = useDesk();
  const { mail_works, ...rest } = stored;
  const [wanted, set_wanted] = useState(rest);
  const [error, set_error] = useState('');
  const { change, busy } = useChange('notification_settings');
  const set = (part: Partial<typeof wanted>) => set_wanted({ ...wanted, ...part });
  const save = async (): Promise<void> => {
    set_error('');
    try {
      await change(() => patch(ws_path(ws, '/notification_settings'), wanted), true);
      show_toast({ text: 'toast.saved', tone: 'plain' }, 3_000);
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
      {!mail_works && (
        <p className={style.help} role="status">
          {t('notifications.no_mail')}
        </p>
      )}
      <Check
        label={t('notifications.mail')}
        checked={wanted.mail}
        onChange={(event) => set({ mail: event.target.checked })}
      />
      <div className={style.two}>
        <Field
          type="number"
          label={t('notifications.least')}
          hint={t('notifications.least.hint')}
          min={1}
          max={10}
          required
          value={wanted.least_severity}
          onChange={(event) => set({ least_severity: Number(event.target.value) })}
        />
        <Field
          label={t('notifications.zone')}
          hint={t('notifications.zone.hint')}
          placeholder="Asia/Tokyo"
          value={wanted.time_zone}
          onChange={(event) => set({ time_zone: event.target.value })}
        />
        <Field
          type="time"
          label={t('notifications.quiet_from')}
          hint={t('notifications.quiet.hint')}
          value={wanted.quiet_from ?? ''}
          onChange={(event) => set({ quiet_from: event.target.value || null })}
        />
        <Field
          type="time"
          label={t('notifications.quiet_until')}
          value={wanted.quiet_until ?? ''}
          error={error || undefined}
          onChange={(event) => set({ quiet_until: event.target.value || null })}
        />
      </div>
      <Button type="submit" look="primary" disabled={busy}>
        {t('action.save')}
      </Button>
    </form>
  );
}
