// "Test": asks the network now, tells it again where to call, and says what came of it.
import { post } from '../api/client';
import { ws_path } from '../api/keys';
import type { Account } from '../api/types';
import { useDesk } from '../app/desk';
import { show_toast } from '../ui/toast_store';
import { useChange } from './use_change';
import { what_came_of_it } from './what_came_of_it';

export function useAccountTest(account: Account) {
  const { ws } = useDesk();
  const { change, busy } = useChange('accounts');
  const test = async (): Promise<void> => {
    const tested = await change(() => post<Account>(ws_path(ws, `/accounts/${account.id}/test`)));
    if (!tested) return;
    show_toast(what_came_of_it(tested));
  };
  return { test, testing: busy };
}
