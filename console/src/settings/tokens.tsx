// Tokens for programs: made once, seen once, withdrawn at any time.
import { useState } from 'react';
import { post, remove } from '../api/client';
import { ws_path } from '../api/keys';
import { useAccounts, useTokens } from '../api/queries';
import type { ApiToken } from '../api/types';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { date } from '../i18n/time_words';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Choice, Field } from '../ui/field';
import { State } from '../ui/state';
import { Listed } from './listed';
import { OnceSecrets } from './once_secrets';
import { roles } from './roles';
import style from './settings.module.css';
import { useChange } from './use_change';

export function Tokens() {
  const { ws } = useDesk();
  const tokens = useTokens(ws, true);
  const accounts = useAccounts(ws).data?.filter((account) => account.network === 'open') ?? [];
  const { change, busy } = useChange('tokens');
  const [making, set_making] = useState(false);
  const [made, set_made] = useState<ApiToken | null>(null);
  const [name, set_name] = useState('');
  const [scope, set_scope] = useState('viewer');
  const make = (): void => {
    const account = accounts.find((one) => one.id === scope);
    void change(() =>
      post<ApiToken>(ws_path(ws, '/tokens'), {
        name,
        ...(account ? { account_id: account.id } : { role: scope }),
      }),
    ).then((one) => {
      if (!one) return;
      set_made(one);
      set_making(false);
      set_name('');
    });
  };
  const account_name = (id: string) => {
    const account = accounts.find((one) => one.id === id);
    return account?.name || account?.handle || `#${id}`;
  };
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.tokens')}</h2>
        <Button look="primary" onClick={() => set_making(true)}>
          {t('tokens.make')}
        </Button>
      </div>
      <p className={style.about}>{t('tokens.about')}</p>
      {made?.token && <OnceSecrets secrets={[[made.name, made.token]]} on_close={() => set_made(null)} />}
      <Listed of={tokens} empty={<State title={t('tokens.none.title')} text={t('tokens.none.text')} />}>
        {(live) => (
          <div className={style.scroll}>
            <table className={style.table}>
              <thead>
                <tr>
                  <th>{t('field.name')}</th>
                  <th>{t('tokens.may')}</th>
                  <th>{t('tokens.used')}</th>
                  <th>
                    <span className="unseen">{t('action.more')}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {live.map((one) => (
                  <tr key={one.id}>
                    <td>{one.name}</td>
                    <td>
                      {one.role
                        ? t(`role.${one.role}`)
                        : t('tokens.account', { name: account_name(one.account_id ?? '') })}
                    </td>
                    <td className="num">{one.last_used_at ? date(one.last_used_at) : t('tokens.never')}</td>
                    <td>
                      <Button
                        look="quiet"
                        disabled={busy}
                        onClick={() => void change(() => remove(ws_path(ws, `/tokens/${one.id}`)))}
                      >
                        {t('tokens.revoke')}
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Listed>
      {making && (
        <Dialog title={t('tokens.make')} on_close={() => set_making(false)}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              make();
            }}
          >
            <Field
              label={t('field.name')}
              hint={t('tokens.name.hint')}
              required
              autoFocus
              value={name}
              onChange={(event) => set_name(event.target.value)}
            />
            <Choice label={t('tokens.may')} value={scope} onChange={(event) => set_scope(event.target.value)}>
              {roles
                .filter((one) => one !== 'owner')
                .toReversed()
                .map((one) => (
                  <option key={one} value={one}>
                    {t(`role.${one}`)}
                  </option>
                ))}
              {accounts.map((one) => (
                <option key={one.id} value={one.id}>
                  {t('tokens.account', { name: one.name || one.handle })}
                </option>
              ))}
            </Choice>
            <div className={style.row}>
              <Button onClick={() => set_making(false)}>{t('action.cancel')}</Button>
              <Button type="submit" look="primary" disabled={busy}>
                {t('tokens.make')}
              </Button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}
