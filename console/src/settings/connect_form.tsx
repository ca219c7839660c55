// Connects an account: the fields its channel asks for, with help beside them and errors at the right field.
import { useState } from 'react';
import { ApiError, post } from '../api/client';
import { ws_path } from '../api/keys';
import type { Account, ChannelDescriptor } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { network_name, t, t_or } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import field from '../ui/field.module.css';
import style from './settings.module.css';
import { useChange } from './use_change';

interface Props {
  channel: ChannelDescriptor;
  reconnect?: Account;
  on_done: (account: Account) => void;
}
export function ConnectForm({ channel, reconnect, on_done }: Props) {
  const { ws } = useDesk();
  const { change, busy } = useChange('accounts', 'stream');
  const [values, set_values] = useState<Record<string, string>>(() =>
    Object.fromEntries(
      channel.connect_fields.map((one) => [
        one.key,
        one.type === 'handle' && reconnect ? reconnect.handle : one.default_value,
      ]),
    ),
  );
  const [wrong, set_wrong] = useState<{ at: string; words: string } | null>(null);
  const wrong_at = (error: unknown): { at: string; words: string } => {
    const where = error instanceof ApiError ? (error.problem.where ?? '') : '';
    const at = channel.connect_fields.find((one) => where.split(/[./]/).includes(one.key))?.key ?? '';
    return { at, words: words_of(error) };
  };
  const connect = async (): Promise<void> => {
    set_wrong(null);
    try {
      const path = reconnect ? `/accounts/${reconnect.id}/reconnect` : '/accounts';
      const body = reconnect ? { fields: values } : { network: channel.network, fields: values };
      const account = await change(() => post<Account>(ws_path(ws, path), body), true);
      if (account) on_done(account);
    } catch (error) {
      set_wrong(wrong_at(error));
    }
  };
  // On the network's own page; it brings the browser back here.
  const sign_in = async (): Promise<void> => {
    set_wrong(null);
    try {
      const begun = await change(
        () =>
          post<{ authorize_url: string }>(ws_path(ws, '/accounts/sign-in'), {
            network: channel.network,
            fields: values,
            ...(reconnect ? { account_id: reconnect.id } : {}),
          }),
        true,
      );
      if (begun) window.location.assign(begun.authorize_url);
    } catch (error) {
      set_wrong(wrong_at(error));
    }
  };
  const base = `network.${channel.network}`;
  const groups = [...new Set(channel.connect_fields.map((one) => one.group))].filter(Boolean);
  const ask = (one: ChannelDescriptor['connect_fields'][number]) => (
    <Field
      key={one.key}
      label={t_or(`${base}.field.${one.key}`, one.key)}
      hint={t_or(`${base}.field.${one.key}.hint`, '')}
      type={one.type === 'secret' ? 'password' : one.type === 'url' ? 'url' : 'text'}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      required={one.required}
      value={values[one.key] ?? ''}
      error={wrong?.at === one.key ? wrong.words : undefined}
      onChange={(event) => set_values({ ...values, [one.key]: event.target.value })}
    />
  );
  const help = t_or(`${base}.help`, '');
  const link = t_or(`${base}.help.link`, '');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void connect();
      }}
    >
      {help && (
        <p className={style.help}>
          {help}
          {link.startsWith('https://') && (
            <>
              {' '}
              <a href={link} target="_blank" rel="noopener noreferrer">
                {t_or(`${base}.help.link.text`, link)}
              </a>
            </>
          )}
        </p>
      )}
      {channel.connect_fields.filter((one) => !one.group).map(ask)}
      {groups.map((group) => {
        const fields = channel.connect_fields.filter((one) => one.group === group);
        // A field that is wrong is never hidden.
        const open = fields.some((one) => one.key === wrong?.at) || undefined;
        return (
          <details key={group} className={style.more} open={open}>
            <summary>{t_or(`${base}.group.${group}`, group)}</summary>
            {fields.map(ask)}
          </details>
        );
      })}
      {wrong && !wrong.at && (
        <p className={field.error} role="alert">
          {wrong.words}
        </p>
      )}
      {channel.oauth && (
        <>
          <Button look="primary" big disabled={busy} onClick={() => void sign_in()}>
            {t('accounts.sign_in', { network: network_name(channel.network) })}
          </Button>
          <p className={style.help}>{t('accounts.sign_in.or')}</p>
        </>
      )}
      <Button type="submit" look={channel.oauth ? 'plain' : 'primary'} big disabled={busy}>
        {busy
          ? t('accounts.connecting')
          : t(reconnect ? 'accounts.reconnect' : 'accounts.connect_named', {
              network: network_name(channel.network),
            })}
      </Button>
    </form>
  );
}
