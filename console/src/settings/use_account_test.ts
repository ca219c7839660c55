// "Test": asks the network now, tells it again where to call, and says what came of it.
import { post } from '../api/client';
import { ws_path } from '../api/keys';
import type { Account } from '../api/types';
import { useDesk } from '../app/desk';
import { network_name } from '../i18n/i18n';
import { show_toast } from '../ui/toast_store';
import { status_detail } from './status_detail';
import { useChange } from './use_change';

export function useAccountTest(account: Account) {
  const { ws } = useDesk();
  const { change, busy } = useChange('accounts');
  const test = async (): Promise<void> => {
    const tested = await change(() => post<Account>(ws_path(ws, `/accounts/${account.id}/test`)));
    if (!tested) return;
    const network = network_name(account.network);
    if (tested.status === 'ok') show_toast({ text: 'account.tested', tone: 'plain', params: { network } });
    else if (tested.status === 'paused') show_toast({ text: 'account.status.paused', tone: 'plain' });
    else
      show_toast({
        text: 'account.tested.not',
        tone: 'act',
        params: { network, why: status_detail(tested.status_detail) },
      });
  };
  return { test, testing: busy };
}
