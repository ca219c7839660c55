// The ways to answer a case, and where they lead.
import type { Id, ReplyWay } from '../api/types';

type Way = Pick<ReplyWay, 'account_id' | 'target_post_id' | 'conversation_id' | 'others'>;
export const way_key = (way: Pick<Way, 'account_id' | 'target_post_id'>): string =>
  `${way.account_id} ${way.target_post_id}`;
// Where a way leads, also when a newer post there is answered. A conversation is with one person: two of a case, both
// written to in private by the same account, are two places.
export const way_place = (way: Pick<Way, 'account_id' | 'conversation_id'>): string =>
  `${way.account_id} ${way.conversation_id}`;
// The way to a conversation, as the account that it belongs to.
export const place_of = (conversation: { account_id: Id; id: Id }): string =>
  way_place({ account_id: conversation.account_id, conversation_id: conversation.id });
// What was chosen by hand, else where the draft was begun, else the first.
export const pick_way = <W extends Way>(ways: W[], chosen: string, begun: string): W | undefined =>
  ways.find((one) => way_key(one) === chosen) ?? ways.find((one) => way_place(one) === begun) ?? ways[0];
// The copies of a reply that was taken back: ticked again, but for those whom the mail answered now did not reach.
export function copies_again(
  ways: Way[],
  begun: string,
  copy_to: string[],
): { way: string; addresses: string[] } {
  const way = pick_way(ways, '', begun);
  if (!way) return { way: '', addresses: [] };
  const can = new Set(way.others.map((one) => one.address));
  return { way: way_key(way), addresses: copy_to.filter((address) => can.has(address)) };
}
