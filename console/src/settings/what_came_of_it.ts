// What a test of an account is told as. Its status alone does not say: the network may answer, and yet not call us.
import type { Account } from '../api/types';
import { network_name } from '../i18n/i18n';
import type { Toast } from '../ui/toast_store';
import { status_detail } from './status_detail';

export function what_came_of_it(tested: Account): Omit<Toast, 'id' | 'until'> {
  const network = network_name(tested.network);
  if (tested.trouble)
    return {
      text: 'account.tested.not',
      tone: 'act',
      params: { network, why: status_detail(tested.trouble) },
    };
  if (tested.status === 'paused') return { text: 'account.status.paused', tone: 'plain' };
  return { text: 'account.tested', tone: 'plain', params: { network } };
}
