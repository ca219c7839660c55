// What a reply is made of, as the API has it: saved replies, assets, rewards, and the composer's kit.
import type { Id, Time, TriageKind, Voice } from './types';

export interface Variant {
  language: string; // '' = for every language
  text: string;
}
// GET /saved-replies -> {items} ; POST ; PATCH /{id} {…, version?} (409 "version") ; DELETE /{id}
// GET /saved-replies/results ; GET /saved-replies/export ; POST /saved-replies/import?dry_run=
export interface SavedReply {
  id: Id;
  folder: string;
  name: string;
  code: string;
  variants: Variant[];
  needs_word: boolean;
  is_thanks: boolean;
  uses: number;
  edited_uses: number;
  version: number;
  updated_at: Time;
}
export interface SavedResult {
  saved_reply_id: Id;
  uses: number;
  edited: number;
  settled: number;
  reopened: number;
  kinds: { kind: TriageKind; count: number }[];
  latest: { case_id: Id; number: number; title: string }[];
}
// GET/POST /reply-assets ; PATCH/DELETE /reply-assets/{id} (409 "in_use")
export interface ReplyAsset {
  id: Id;
  key: string;
  name: string;
  kind: 'link' | 'text' | 'image';
  variants: Variant[];
  attachment_id: Id | null;
  version: number;
  updated_at: Time;
}
// GET /cases/{id}/saved-replies?target_post_id&account_id&q -> {items: ReplyOffer[]}
export interface ReplyOffer {
  saved_reply_id: Id | null;
  name: string;
  folder: string;
  code: string;
  language: string;
  text: string;
  missing: string[];
  attachment_ids: Id[];
  needs_word: boolean;
  percent: number;
}
export interface ReplyCandidate extends ReplyOffer {
  source: 'saved' | 'earlier';
  case_number: number | null;
  at: Time | null;
}
// GET /cases/{id}/reply-kit?target_post_id&account_id
export interface ReplyKit {
  candidates: ReplyCandidate[];
  private_offer: {
    available: boolean;
    reasons: ('personal_data' | 'order_complaint' | 'exchanges')[];
    account_name: string;
    network: string;
    hours: number;
    link_length: number;
  };
  voice: Voice;
  our_answers: number;
}
// GET/POST /reward-lists ; PATCH/DELETE /{id} ; POST /{id}/codes {text} -> {added, known} ; GET /{id}/given
// POST/DELETE /cases/{id}/rewards/{list_id}
export interface RewardList {
  id: Id;
  key: string;
  name: string;
  warn_below: number;
  free: number;
  reserved: number;
  given: number;
  is_low: boolean;
  created_at: Time;
}
export interface GivenCode {
  code: string;
  case_id: Id;
  case_number: number;
  customer_name: string;
  given_by: string;
  given_at: Time;
}
