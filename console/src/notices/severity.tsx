// How severe something is, of ten; why, when it is asked.
import { useDesk } from '../app/desk';
import { Link } from '../app/link';
import { settings_path } from '../app/router';
import { t } from '../i18n/i18n';
import style from '../settings/settings.module.css';

export function Severity({ of }: { of: number }) {
  const { ws } = useDesk();
  return (
    <details className={style.meta}>
      <summary>{t('notice.severity', { severity: of })}</summary>
      {t('notice.severity.why')}{' '}
      <Link to={settings_path(ws, 'notifications')}>{t('settings.notifications')}</Link>
    </details>
  );
}
