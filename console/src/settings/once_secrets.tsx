// Secrets that are shown now and never again, each under its name.
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { CopyField } from '../ui/copy_field';
import style from './settings.module.css';

export function OnceSecrets({ secrets, on_close }: { secrets: [string, string][]; on_close: () => void }) {
  return (
    <div className={style.secret} role="status">
      <p>
        <b>{t('accounts.once.title')}</b> {t('accounts.once.text')}
      </p>
      {secrets.map(([label, value]) => (
        <CopyField key={label} label={label} value={value} />
      ))}
      <p className={style.row}>
        <Button onClick={on_close}>{t('accounts.once.kept')}</Button>
      </p>
    </div>
  );
}
