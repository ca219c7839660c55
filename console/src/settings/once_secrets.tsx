// A new open-channel account's token and signing secret: shown now and never again.
import type { Account } from '../api/types';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { CopyField } from '../ui/copy_field';
import style from './settings.module.css';

export function OnceSecrets({ account, on_close }: { account: Account; on_close: () => void }) {
  return (
    <div className={style.secret} role="status">
      <p>
        <b>{t('accounts.once.title')}</b> {t('accounts.once.text')}
      </p>
      {account.token && <CopyField label={t('accounts.token')} value={account.token} />}
      {account.signing_secret && (
        <CopyField label={t('accounts.signing_secret')} value={account.signing_secret} />
      )}
      <p className={`${style.row}`}>
        <Button onClick={on_close}>{t('accounts.once.kept')}</Button>
      </p>
    </div>
  );
}
