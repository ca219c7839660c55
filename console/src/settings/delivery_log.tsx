// Every try of an outgoing webhook, newest first, with the way to send it again.
import { post } from '../api/client';
import { ws_path } from '../api/keys';
import { useDeliveries } from '../api/queries';
import type { Id } from '../api/types';
import { useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { t } from '../i18n/i18n';
import { absolute } from '../i18n/time_words';
import { Button } from '../ui/button';
import { Failed, Loading, State } from '../ui/state';
import style from './settings.module.css';
import { useChange } from './use_change';

export function DeliveryLog({ account }: { account: Id }) {
  const { ws } = useDesk();
  const log = useDeliveries(ws, account);
  const { change, busy } = useChange(`deliveries ${account}`);
  if (log.isPending) return <Loading rows={2} />;
  if (log.error) return <Failed error={log.error} retry={() => void log.refetch()} />;
  if (log.data.length === 0)
    return <State title={t('deliveries.none.title')} text={t('deliveries.none.text')} />;
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
          {log.data.map((one) => (
            <tr key={one.id}>
              <td className="num">
                <Link to={inbox_path(ws, 'all', one.case_id)}>{absolute(one.attempted_at)}</Link>
              </td>
              <td>
                {t(`deliveries.${one.outcome}`)}{' '}
                {one.status > 0 && <span className="num">({one.status})</span>}
                {one.excerpt && <span className={style.meta}>{one.excerpt}</span>}
              </td>
              <td className="num">{t('deliveries.ms', { count: one.duration_ms })}</td>
              <td>
                {one.outcome !== 'delivered' && (
                  <Button
                    disabled={busy}
                    onClick={() =>
                      void change(() =>
                        post(ws_path(ws, `/accounts/${account}/deliveries/${one.outbox_id}/resend`)),
                      )
                    }
                  >
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
