// The brand's accounts: connect, see in words how each is, and the one next step when something is wrong.
import { useState } from 'react';
import { useAccounts, useChannels } from '../api/queries';
import type { Account, ChannelDescriptor } from '../api/types';
import { useDesk } from '../app/desk';
import { network_name, t, t_or } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { PickList } from '../ui/pick_list';
import { State } from '../ui/state';
import { AccountCard } from './account_card';
import { ConnectForm } from './connect_form';
import { Listed } from './listed';
import { OnceSecrets } from './once_secrets';
import { SamplePanel } from './sample_panel';
import style from './settings.module.css';
import { SignInResult } from './sign_in_result';
import { StreamPanel } from './stream_panel';

export function Accounts() {
  const { ws, can_administer } = useDesk();
  const accounts = useAccounts(ws);
  const channels = useChannels(ws).data ?? [];
  const [choosing, set_choosing] = useState(false);
  const [channel, set_channel] = useState<ChannelDescriptor | null>(null);
  const [made, set_made] = useState<Account | null>(null);
  const begin = (): void => {
    if (channels.length === 1 && channels[0]) set_channel(channels[0]);
    else set_choosing(true);
  };
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.accounts')}</h2>
        {can_administer && (
          <Button look="primary" onClick={begin}>
            {t('accounts.connect')}
          </Button>
        )}
      </div>
      <p className={style.about}>{t(can_administer ? 'accounts.about' : 'settings.read_only')}</p>
      <SignInResult />
      {made?.token && <OnceSecrets secrets={secrets_of(made)} on_close={() => set_made(null)} />}
      <Listed
        of={accounts}
        empty={
          <State
            title={t('accounts.none.title')}
            text={t('accounts.none.text')}
            {...(can_administer ? { action: { label: t('accounts.connect'), run: begin } } : {})}
          />
        }
      >
        {(all) => (
          <div className={style.cards}>
            {all.map((account) => (
              <AccountCard
                key={account.id}
                account={account}
                channel={channels.find((one) => one.network === account.network)}
              />
            ))}
          </div>
        )}
      </Listed>
      <StreamPanel />
      {can_administer && <SamplePanel />}
      {choosing && (
        <Dialog bare title={t('accounts.connect')} on_close={() => set_choosing(false)}>
          <PickList
            label={t('accounts.connect')}
            placeholder={t('accounts.which')}
            picks={channels.map((one) => ({
              id: one.network,
              label: network_name(one.network),
              hint: t_or(`network.${one.network}.about`, ''),
            }))}
            on_pick={(network) => {
              set_choosing(false);
              set_channel(channels.find((one) => one.network === network) ?? null);
            }}
          />
        </Dialog>
      )}
      {channel && (
        <Dialog
          title={t('accounts.connect_named', { network: network_name(channel.network) })}
          on_close={() => set_channel(null)}
        >
          <ConnectForm
            channel={channel}
            on_done={(account) => {
              set_channel(null);
              set_made(account);
            }}
          />
        </Dialog>
      )}
    </>
  );
}

// What a new open-channel account tells once.
function secrets_of({ token, signing_secret }: Account): [string, string][] {
  const secrets: [string, string][] = [];
  if (token) secrets.push([t('accounts.token'), token]);
  if (signing_secret) secrets.push([t('accounts.signing_secret'), signing_secret]);
  return secrets;
}
