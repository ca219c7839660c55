// Who a mail went to: shown as soon as somebody else than we read it.
import type { PostItem, Receiver } from '../api/types';
import { t } from '../i18n/i18n';
import style from './receivers.module.css';

export function Receivers({ item }: { item: PostItem }) {
  const others = item.receivers.filter((one) => !one.us);
  const copied = item.receivers.some((one) => one.role === 'cc');
  if (item.direction === 'out' ? !copied : others.length === 0) return null;
  return (
    <dl className={style.receivers}>
      {(['to', 'cc'] as const).map((role) => {
        const list = item.receivers.filter((one) => one.role === role);
        return (
          list.length > 0 && (
            <div key={role}>
              <dt>{t(`mail.${role}`)}</dt>
              {list.map((one) => (
                <Address key={one.address} of={one} />
              ))}
            </div>
          )
        );
      })}
    </dl>
  );
}

function Address({ of }: { of: Receiver }) {
  if (of.us) return <dd title={of.address}>{t('mail.us')}</dd>;
  return (
    <dd>
      {of.name && <span>{of.name}</span>} <bdi>{of.address}</bdi>
    </dd>
  );
}
