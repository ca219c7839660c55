// Every try of an outgoing webhook, newest first, with the way to send it again.
import type { ReactNode } from 'react';
import type { Delivery } from '../api/types';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import style from './settings.module.css';

type Try = Pick<Delivery, 'id' | 'attempted_at' | 'duration_ms' | 'status' | 'outcome' | 'excerpt'>;

interface Props<T> {
  tries: T[];
  busy: boolean;
  when: (one: T) => ReactNode;
  on_resend: (one: T) => void;
  may_resend?: (one: T) => boolean;
}
export function DeliveryTable<T extends Try>({ tries, busy, when, on_resend, may_resend }: Props<T>) {
  return (
    <div className={style.scroll}>
      <table className={style.table}>
        <thead>
          <tr>
            <th>{t('deliveries.when')}</th>
            <th>{t('deliveries.outcome')}</th>
            <th>{t('deliveries.took')}</th>
            <th>
              <span className="unseen">{t('action.more')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tries.map((one) => (
            <tr key={one.id}>
              <td className="num">{when(one)}</td>
              <td>
                {t(`deliveries.${one.outcome}`)}{' '}
                {one.status > 0 && <span className="num">({one.status})</span>}
                {one.excerpt && <span className={style.meta}>{one.excerpt}</span>}
              </td>
              <td className="num">{t('deliveries.ms', { count: one.duration_ms })}</td>
              <td>
                {(may_resend?.(one) ?? true) && (
                  <Button disabled={busy} onClick={() => on_resend(one)}>
                    {t('deliveries.resend')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
