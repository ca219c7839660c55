// Webhooks that get every notice: made once with a secret seen once, with a log of every try.
import { useState } from 'react';
import { patch, post, remove } from '../api/client';
import { ws_path } from '../api/keys';
import { useWebhookDeliveries, useWebhooks } from '../api/queries';
import type { Id, Webhook } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { absolute } from '../i18n/time_words';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { State } from '../ui/state';
import { DeliveryTable } from './delivery_table';
import { Listed } from './listed';
import { OnceSecrets } from './once_secrets';
import style from './settings.module.css';
import { useChange } from './use_change';

export function Webhooks() {
  const { ws } = useDesk();
  const hooks = useWebhooks(ws);
  const { change, busy } = useChange('webhooks');
  const [making, set_making] = useState(false);
  const [made, set_made] = useState<Webhook | null>(null);
  const [log, set_log] = useState<Id | null>(null);
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.webhooks')}</h2>
        <Button look="primary" onClick={() => set_making(true)}>
          {t('webhooks.add')}
        </Button>
      </div>
      <p className={style.about}>{t('webhooks.about')}</p>
      {made?.secret && <OnceSecrets secrets={[[made.name, made.secret]]} on_close={() => set_made(null)} />}
      <Listed
        of={hooks}
        empty={
          <State
            title={t('webhooks.none.title')}
            text={t('webhooks.none.text')}
            action={{ label: t('webhooks.add'), run: () => set_making(true) }}
          />
        }
      >
        {(list) => (
          <div className={style.cards}>
            {list.map((hook) => (
              <article key={hook.id} className={`${style.card} ${hook.enabled ? '' : style.off}`}>
                <b>{hook.name}</b>
                <code className={style.code}>{hook.url}</code>
                <div className={style.verbs}>
                  <Button
                    disabled={busy}
                    onClick={() =>
                      void change(() =>
                        patch(ws_path(ws, `/webhooks/${hook.id}`), { enabled: !hook.enabled }),
                      )
                    }
                  >
                    {t(hook.enabled ? 'accounts.pause' : 'accounts.resume')}
                  </Button>
                  <Button
                    aria-expanded={log === hook.id}
                    onClick={() => set_log(log === hook.id ? null : hook.id)}
                  >
                    {t('webhooks.log')}
                  </Button>
                  <Button
                    look="quiet"
                    disabled={busy}
                    aria-label={t('action.remove_named', { name: hook.name })}
                    onClick={() => void change(() => remove(ws_path(ws, `/webhooks/${hook.id}`)))}
                  >
                    {t('accounts.remove')}
                  </Button>
                </div>
                {log === hook.id && <Log webhook={hook.id} />}
              </article>
            ))}
          </div>
        )}
      </Listed>
      {making && (
        <Make
          on_close={() => set_making(false)}
          on_made={(one) => {
            set_made(one);
            set_making(false);
          }}
        />
      )}
    </>
  );
}

function Make({ on_close, on_made }: { on_close: () => void; on_made: (made: Webhook) => void }) {
  const { ws } = useDesk();
  const { change, busy } = useChange('webhooks');
  const [name, set_name] = useState('');
  const [url, set_url] = useState('');
  const [error, set_error] = useState('');
  const make = async (): Promise<void> => {
    try {
      const made = await change(() => post<Webhook>(ws_path(ws, '/webhooks'), { name, url }), true);
      if (made) on_made(made);
    } catch (reason) {
      set_error(words_of(reason));
    }
  };
  return (
    <Dialog title={t('webhooks.add')} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <Field
          label={t('field.name')}
          required
          autoFocus
          value={name}
          onChange={(event) => set_name(event.target.value)}
        />
        <Field
          type="url"
          label={t('webhooks.url')}
          placeholder="https://"
          required
          value={url}
          error={error || undefined}
          onChange={(event) => set_url(event.target.value)}
        />
        <div className={style.row}>
          <Button onClick={on_close}>{t('action.cancel')}</Button>
          <Button type="submit" look="primary" disabled={busy}>
            {t('webhooks.add')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Log({ webhook }: { webhook: Id }) {
  const { ws } = useDesk();
  const { change, busy } = useChange(`webhook_deliveries ${webhook}`);
  return (
    <Listed
      of={useWebhookDeliveries(ws, webhook)}
      empty={<p className={style.about}>{t('deliveries.none.title')}</p>}
    >
      {(tries) => (
        <DeliveryTable
          tries={tries}
          busy={busy}
          when={(one) => absolute(one.attempted_at)}
          on_resend={(one) =>
            void change(() => post(ws_path(ws, `/webhooks/${webhook}/deliveries/${one.notice_id}/resend`)))
          }
        />
      )}
    </Listed>
  );
}
