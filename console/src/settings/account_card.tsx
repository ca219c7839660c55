// One account: how it is in words, and what can be done with it.
import { useState } from 'react';
import { patch, remove } from '../api/client';
import { ws_path } from '../api/keys';
import type { Account, ChannelDescriptor } from '../api/types';
import { mark_of, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { settings_path } from '../app/router';
import { network_name, t } from '../i18n/i18n';
import { absolute } from '../i18n/time_words';
import { at_sign } from '../inbox/row';
import { Avatar } from '../ui/avatar';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { ConnectForm } from './connect_form';
import { DeliveryLog } from './delivery_log';
import style from './settings.module.css';
import { status_detail } from './status_detail';
import { useAccountTest } from './use_account_test';
import { useChange } from './use_change';
import { WebhookForm } from './webhook_form';

export function AccountCard({
  account,
  channel,
}: {
  account: Account;
  channel: ChannelDescriptor | undefined;
}) {
  const { ws, can_administer } = useDesk();
  const { change, busy } = useChange('accounts');
  const { test, testing } = useAccountTest(account);
  const [open, set_open] = useState<'reconnect' | 'remove' | 'log' | 'webhook' | null>(null);
  const path = ws_path(ws, `/accounts/${account.id}`);
  const close = () => set_open(null);
  const is_open = account.network === 'open';
  const detail = status_detail(account.status_detail);
  const webhook = typeof account.settings.webhook_url === 'string' ? account.settings.webhook_url : '';
  return (
    <article className={style.card}>
      <header>
        <Avatar
          name={account.name || account.handle}
          url={account.avatar_url}
          mark={channel?.mark ?? mark_of(account.network)}
        />
        <div>
          <b>
            {account.kind === 'account' ? (
              <Link to={settings_path(ws, 'accounts', account.id)}>{account.name || account.handle}</Link>
            ) : (
              account.name || account.handle
            )}
          </b>
          <span className={style.meta}>
            {network_name(account.network)}
            {account.handle && ` · ${at_sign(account.handle)}`}
            {account.kind === 'listener' && ` · ${t('accounts.listener')}`}
          </span>
        </div>
      </header>
      <p className={style.status} data-status={account.status} title={absolute(account.status_at)}>
        <i aria-hidden="true" />
        <span>
          {t(`account.status.${account.status}`)} {detail}
        </span>
      </p>
      {is_open && (
        <p className={style.meta}>
          {webhook ? t('accounts.webhook.to', { url: webhook }) : t('accounts.webhook.none')}
        </p>
      )}
      {can_administer && account.kind === 'account' && (
        <div className={style.verbs}>
          {!is_open && (
            <Button
              look={account.status === 'action_needed' ? 'primary' : 'plain'}
              onClick={() => set_open('reconnect')}
            >
              {t('accounts.reconnect')}
            </Button>
          )}
          <Button disabled={testing} onClick={() => void test()}>
            {t(testing ? 'account.testing' : 'accounts.test')}
          </Button>
          {is_open && (
            <Button
              look={account.status === 'action_needed' ? 'primary' : 'plain'}
              onClick={() => set_open('webhook')}
            >
              {t('accounts.webhook')}
            </Button>
          )}
          {is_open && <Button onClick={() => set_open('log')}>{t('accounts.log')}</Button>}
          <Button
            disabled={busy}
            onClick={() => void change(() => patch(path, { paused: account.status !== 'paused' }))}
          >
            {t(account.status === 'paused' ? 'accounts.resume' : 'accounts.pause')}
          </Button>
          <Button look="quiet" onClick={() => set_open('remove')}>
            {t('accounts.remove')}
          </Button>
        </div>
      )}
      {open === 'reconnect' && channel && (
        <Dialog title={t('accounts.reconnect')} about={at_sign(account.handle)} on_close={close}>
          <ConnectForm channel={channel} reconnect={account} on_done={close} />
        </Dialog>
      )}
      {open === 'webhook' && (
        <Dialog title={t('accounts.webhook')} about={t('accounts.webhook.about')} on_close={close}>
          <WebhookForm account={account} on_done={close} />
        </Dialog>
      )}
      {open === 'log' && (
        <Dialog wide title={t('accounts.log')} about={t('accounts.log.about')} on_close={close}>
          <DeliveryLog account={account.id} />
        </Dialog>
      )}
      {open === 'remove' && (
        <Dialog
          title={t('accounts.remove.title', { name: account.name || account.handle })}
          about={t('accounts.remove.about')}
          on_close={close}
        >
          <div className={style.row}>
            <Button onClick={close}>{t('action.cancel')}</Button>
            <Button look="danger" disabled={busy} onClick={() => void change(() => remove(path)).then(close)}>
              {t('accounts.remove')}
            </Button>
          </div>
        </Dialog>
      )}
    </article>
  );
}
