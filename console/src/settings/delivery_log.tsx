// What was sent to an account's webhook; each try leads to its case.
import { post } from '../api/client';
import { ws_path } from '../api/keys';
import { useDeliveries } from '../api/queries';
import type { Id } from '../api/types';
import { useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { t } from '../i18n/i18n';
import { absolute } from '../i18n/time_words';
import { State } from '../ui/state';
import { DeliveryTable } from './delivery_table';
import { Listed } from './listed';
import { useChange } from './use_change';

export function DeliveryLog({ account }: { account: Id }) {
  const { ws } = useDesk();
  const { change, busy } = useChange(`deliveries ${account}`);
  return (
    <Listed
      of={useDeliveries(ws, account)}
      empty={<State title={t('deliveries.none.title')} text={t('deliveries.none.text')} />}
    >
      {(tries) => (
        <DeliveryTable
          tries={tries}
          busy={busy}
          when={(one) => <Link to={inbox_path(ws, 'all', one.case_id)}>{absolute(one.attempted_at)}</Link>}
          may_resend={(one) => one.outcome !== 'delivered'}
          on_resend={(one) =>
            void change(() => post(ws_path(ws, `/accounts/${account}/deliveries/${one.outbox_id}/resend`)))
          }
        />
      )}
    </Listed>
  );
}
