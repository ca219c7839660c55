// One account's connection: how it is, what is wrong and the one step that mends it, what it may do, its webhook, what
// it used, how old its credentials are, which gaps were closed.
import { type ReactNode, useState } from 'react';
import { useAccounts, useChannels, useConnection } from '../api/queries';
import type { Account, Capabilities, ChannelDescriptor, Connection } from '../api/types';
import { at_least, mark_of, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { settings_path } from '../app/router';
import { network_name, t, t_or } from '../i18n/i18n';
import { absolute, time_ago } from '../i18n/time_words';
import { useNow } from '../i18n/use_now';
import { at_sign } from '../inbox/row';
import { Avatar } from '../ui/avatar';
import { Button } from '../ui/button';
import { CopyField } from '../ui/copy_field';
import { Dialog } from '../ui/dialog';
import { State } from '../ui/state';
import page from './account_page.module.css';
import { ConnectForm } from './connect_form';
import { Listed } from './listed';
import style from './settings.module.css';
import { SignInResult } from './sign_in_result';
import { hook_note, status_detail } from './status_detail';
import { useAccountTest } from './use_account_test';

export function AccountPage({ id }: { id: string }) {
  const { ws } = useDesk();
  const accounts = useAccounts(ws);
  const channels = useChannels(ws).data ?? [];
  const gone = <State title={t('account.gone.title')} text={t('account.gone.text')} />;
  return (
    <>
      <p className={page.back}>
        <Link to={settings_path(ws, 'accounts')}>← {t('settings.accounts')}</Link>
      </p>
      <SignInResult />
      <Listed of={accounts} empty={gone}>
        {(all) => {
          const account = all.find((one) => one.id === id && one.kind === 'account');
          return account ? (
            <One account={account} channel={channels.find((one) => one.network === account.network)} />
          ) : (
            gone
          );
        }}
      </Listed>
    </>
  );
}

function One({ account, channel }: { account: Account; channel: ChannelDescriptor | undefined }) {
  const { ws, role, can_administer } = useDesk();
  const may_look = at_least(role, 'administrator');
  const connection = useConnection(ws, account.id, may_look).data;
  const { test, testing } = useAccountTest(account);
  const [reconnecting, set_reconnecting] = useState(false);
  const now = useNow();
  const network = network_name(account.network);
  const problems = connection?.problems ?? [];
  const dead = account.status === 'action_needed' || problems.some((one) => one.kind === 'credentials');
  return (
    <>
      <header className={page.head}>
        <Avatar
          name={account.name || account.handle}
          url={account.avatar_url}
          mark={channel?.mark ?? mark_of(account.network)}
          size="large"
        />
        <div>
          <h2>{account.name || account.handle}</h2>
          <span className={style.meta}>
            {network}
            {account.handle && ` · ${at_sign(account.handle)}`}
          </span>
        </div>
      </header>
      <p className={style.status} data-status={account.status} role="status">
        <i aria-hidden="true" />
        <span>
          {t(`account.status.${account.status}`)} {status_detail(account.status_detail)}{' '}
          <time className="num" dateTime={account.status_at} title={absolute(account.status_at)}>
            · {t('account.since', { time: time_ago(account.status_at, now) })}
          </time>
        </span>
      </p>
      {problems.map((one) => (
        <Problem key={one.kind} of={one} now={now} />
      ))}
      {can_administer && (
        <div className={`${style.verbs} ${page.verbs}`}>
          {account.network !== 'open' && channel && (
            <Button look={dead ? 'primary' : 'plain'} onClick={() => set_reconnecting(true)}>
              {t('accounts.reconnect')}
            </Button>
          )}
          <Button disabled={testing} onClick={() => void test()}>
            {t(testing ? 'account.testing' : 'accounts.test')}
          </Button>
        </div>
      )}
      <Section title={t('account.may.title')}>
        <May can={account.capabilities} />
      </Section>
      {connection?.webhook && (
        <Webhook of={connection.webhook} hears={connection.hears} network={network} now={now} />
      )}
      {connection && connection.meters.length > 0 && (
        <Section title={t('account.used.title')}>
          {connection.meters.map((one) => (
            <MeterBar key={one.name} of={one} />
          ))}
        </Section>
      )}
      {connection && (
        <Section title={t('account.kept.title')}>
          <p>
            {connection.credentials_at ? (
              <time dateTime={connection.credentials_at} title={absolute(connection.credentials_at)}>
                {t('account.credentials.age', { time: time_ago(connection.credentials_at, now) })}
              </time>
            ) : (
              t('account.credentials.none')
            )}
          </p>
          <p className={style.meta}>{t('account.reconnect.keeps')}</p>
        </Section>
      )}
      {connection && (
        <Section title={t('account.gaps.title')}>
          {connection.gaps.length === 0 ? (
            <p className={style.meta}>{t('account.gaps.none')}</p>
          ) : (
            <ul className={page.list}>
              {connection.gaps.map((one) => (
                <li key={one.closed_at}>
                  <time className="num" dateTime={one.closed_at} title={absolute(one.closed_at)}>
                    {time_ago(one.closed_at, now)}
                  </time>{' '}
                  {t('account.gap', { count: one.posts, from: absolute(one.away_since) })}
                </li>
              ))}
            </ul>
          )}
        </Section>
      )}
      {reconnecting && channel && (
        <Dialog
          title={t('accounts.reconnect')}
          about={at_sign(account.handle)}
          on_close={() => set_reconnecting(false)}
        >
          <ConnectForm channel={channel} reconnect={account} on_done={() => set_reconnecting(false)} />
        </Dialog>
      )}
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className={style.sub}>{title}</h3>
      {children}
    </section>
  );
}

// What is wrong in words, and the one step that mends it.
function Problem({ of, now }: { of: Connection['problems'][number]; now: number }) {
  return (
    <div className={page.problem} role="alert">
      <b>{t(`account.problem.${of.kind}`)}</b>
      <p>{t(`account.mend.${of.kind}`)}</p>
      <small>
        {of.detail && `${status_detail(of.detail)} · `}
        <time dateTime={of.since} title={absolute(of.since)}>
          {t('account.since', { time: time_ago(of.since, now) })}
        </time>
      </small>
    </div>
  );
}

const words_of_may = [
  'public_reply',
  'private_reply',
  'like',
  'repost',
  'delete_own',
  'hide',
  'compose_page',
  'private_link',
  'typing',
  'thread_context',
  'profile',
  'edits',
  'deletions',
  'listens',
  'webhooks',
] as const satisfies readonly (keyof Capabilities)[];

function May({ can }: { can: Capabilities }) {
  return (
    <div className={style.chips}>
      {words_of_may.map((one) => can[one] && <span key={one}>{t(`account.may.${one}`)}</span>)}
      {can.images > 0 && <span>{t('account.may.images', { count: can.images })}</span>}
      {can.text_limit > 0 && <span>{t('account.may.text', { count: can.text_limit })}</span>}
      {can.private_text_limit > 0 && (
        <span>{t('account.may.text_private', { count: can.private_text_limit })}</span>
      )}
      {words_of_may.map(
        (one) =>
          !can[one] && (
            <span key={one} className={style.not}>
              {one === 'like' && can.like_closed
                ? t(`like_closed.${can.like_closed}`)
                : t(`account.may_not.${one}`)}
            </span>
          ),
      )}
    </div>
  );
}

// By which door posts come in, and the network's calls.
function Webhook({
  of,
  hears,
  network,
  now,
}: {
  of: NonNullable<Connection['webhook']>;
  hears: Connection['hears'];
  network: string;
  now: number;
}) {
  const is_called = hears === '' || hears === 'webhook';
  return (
    <Section title={t('account.hears.title')}>
      {is_called && !of.url ? (
        <p className={style.help}>{t('account.hook.no_address', { network })}</p>
      ) : (
        <p className={page.hears}>{t(`account.hears.${hears || 'webhook'}`, { network })}</p>
      )}
      {!is_called && !of.url && <p className={style.help}>{t(`account.hears.${hears}.adds`, { network })}</p>}
      {of.url && (is_called || of.last_success_at) && (
        <CopyField label={t('account.hook.address')} value={of.url} />
      )}
      {(is_called || of.last_success_at) && (
        <p className={style.meta}>
          {of.last_success_at
            ? t('account.hook.last', { time: time_ago(of.last_success_at, now) })
            : t('account.hook.never', { network })}
        </p>
      )}
      {of.calls.length > 0 && (
        <div className={style.scroll}>
          <table className={`${style.table} ${page.calls}`}>
            <caption>{t('account.hook.calls')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('account.hook.at')}</th>
                <th scope="col">{t('account.hook.answer')}</th>
                <th scope="col">{t('account.hook.note')}</th>
                <th scope="col">{t('account.hook.items')}</th>
              </tr>
            </thead>
            <tbody>
              {of.calls.map((one, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: calls have no names, and several may share a moment
                <tr key={`${one.at} ${at}`}>
                  <td className="num">
                    <time dateTime={one.at} title={absolute(one.at)}>
                      {time_ago(one.at, now)}
                    </time>
                  </td>
                  <td className={`num ${one.status >= 400 ? page.bad : ''}`}>{one.status}</td>
                  <td>{hook_note(one.note)}</td>
                  <td className="num">{one.items}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

function MeterBar({ of }: { of: Connection['meters'][number] }) {
  const amount = (value: number): string =>
    of.unit === 'microdollar' ? `$${(value / 1_000_000).toFixed(2)}` : value.toLocaleString();
  const name = t_or(`meter.${of.name}`, of.name);
  const share = of.limit > 0 ? Math.min(1, of.used / of.limit) : 0;
  return (
    <div className={page.meter}>
      <span>{name}</span>
      <span className="num">
        {of.limit > 0
          ? t('account.used.of', { used: amount(of.used), limit: amount(of.limit) })
          : amount(of.used)}
      </span>
      {of.limit > 0 && (
        <meter
          aria-label={name}
          min={0}
          max={1}
          value={share}
          data-full={share >= 1 ? 'full' : share >= 0.8 ? 'near' : undefined}
        />
      )}
      {of.resets_at && (
        <small className={style.meta}>{t('account.used.resets', { time: absolute(of.resets_at) })}</small>
      )}
    </div>
  );
}
