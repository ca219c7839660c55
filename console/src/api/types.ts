// The JSON API as the console sees it. Kept by hand; a test holds it and the server against /api/v1/openapi.json.
// Ids are decimal strings. Times are RFC 3339 strings in UTC. Errors are problem+json (RFC 9457).
//
// Base: /api/v1. Auth: session cookie `kiki_session` (HttpOnly, SameSite=Lax) plus header `X-CSRF-Token` on every
// request that is not GET/HEAD; or `Authorization: Bearer TOKEN` for programs.
// Lists: {items, next_cursor}; ask again with ?cursor=next_cursor; ?limit= 1…200, default 50.

export type Id = string;
export type Time = string;

export interface Problem { type: string; title: string; status: number; detail: string; code?: string; where?: string; request_id?: string; retry_after_ms?: number; findings?: Finding[]; mistakes?: QueryMistake[]; }
export interface Page<T> { items: T[]; next_cursor: string | null; }

export type Role = 'owner' | 'administrator' | 'lead' | 'agent' | 'viewer';
export type Language = 'ja' | 'en';
export interface Preferences { theme?: 'system' | 'light' | 'dark'; density?: 'comfortable' | 'compact'; enter_sends?: boolean; list_card_open?: boolean; }

// --- first run and people
// GET  /setup                     -> SetupState                           (public)
// POST /setup {token, name, email, password, language, workspace_name, time_zone} -> Me + cookie (token: from the one-time link /setup#TOKEN)
// POST /session {email, password} -> Me + cookie          401 code "wrong_credentials", 429 when throttled
// POST /session/link {token}      -> Me + cookie          one-time signed-in link (/login#TOKEN), used by `./dev run --sample`
// DELETE /session                 -> 204
// GET  /me                        -> Me ; PATCH /me {name?, initials?, language?, preferences?} -> Me
// POST /me/password {current, new} -> 204 (other sessions end)
export interface SetupState { needed: boolean; }
export interface Me { id: Id; name: string; email: string; initials: string; language: Language; preferences: Preferences; csrf_token: string;
  workspaces: { id: Id; name: string; role: Role }[]; last_event_id: string; version: string; }

// GET  /invitations/{token}/accept  -> InvitationPreview (public) ; POST {name, email, password, language} -> Me + cookie ; a signed-in user posts {}
export interface InvitationPreview { workspace_name: string; role: Role; email: string; expires_at: Time; invited_by: string; }

// --- workspaces.  Everything below is under /workspaces/{workspace_id}
// POST /workspaces {name, time_zone, language} -> Workspace (any owner/administrator somewhere; becomes owner there)
// GET/PATCH .  (the workspace itself)
export interface Workspace { id: Id; name: string; time_zone: string; language: Language; settings: WorkspaceSettings; role: Role; created_at: Time; }
export interface WorkspaceSettings { undo_send_seconds: number; /* 0…30, default 5 */ dismiss_reasons: string[]; snooze_presets_minutes: number[]; }
// GET  /members -> Page<Member> ; PATCH /members/{user_id} {role} ; DELETE /members/{user_id}
export interface Member { user_id: Id; name: string; email: string; initials: string; role: Role; online: boolean; created_at: Time; }
// GET/POST /invitations {role, email?} -> Invitation (link only in the answer to POST) ; DELETE /invitations/{id}
export interface Invitation { id: Id; role: Role; email: string; created_at: Time; expires_at: Time; used_at: Time | null; link?: string; }
// GET/POST /tokens {name, role | account_id} -> ApiToken (token only in the answer to POST) ; DELETE /tokens/{id}
export interface ApiToken { id: Id; name: string; role: Role | null; account_id: Id | null; created_at: Time; last_used_at: Time | null; revoked_at: Time | null; token?: string; }

// --- channel accounts
// GET /channels -> {items: ChannelDescriptor[]}
export interface Capabilities { public_reply: boolean; private_reply: boolean; private_link: boolean; like: boolean; repost: boolean; delete_own: boolean; thread_context: boolean; profile: boolean;
  edits: boolean; deletions: boolean; listens: boolean; webhooks: boolean; compose_page: boolean; hide: boolean; typing: boolean; images: number; image_bytes: number; image_alt: boolean; text_limit: number; text_unit: 'grapheme' | 'weighted' | 'utf16' | 'bytes'; idempotent_send: string;
  private_text_limit: number; private_text_unit: string; like_closed: '' | 'plan'; }
export interface ChannelDescriptor { network: string; mark: string; capabilities: Capabilities; connect_fields: { key: string; type: 'text' | 'url' | 'secret' | 'handle'; required: boolean; default_value: string; group: string }[]; oauth: boolean; }
// GET  /accounts -> {items: Account[]} ; POST /accounts {network, fields:{…}} -> Account (for "open" also token and signing_secret, once)
// PATCH /accounts/{id} {name?, paused?, settings?} ; DELETE /accounts/{id} ; POST /accounts/{id}/reconnect {fields} ; POST /accounts/{id}/test -> Account
export interface Account { id: Id; network: string; kind: 'account' | 'listener'; external_id: string; handle: string; name: string; avatar_url: string;
  status: 'starting' | 'ok' | 'waiting' | 'action_needed' | 'paused'; status_detail: string; status_at: Time; capabilities: Capabilities; settings: Record<string, unknown>; created_at: Time;
  token?: string; signing_secret?: string; trouble?: string; } // trouble: after /test, what does not work; '' when all does
// POST /accounts/sign-in {network, fields?, account_id?} -> 201 {authorize_url}: go there; the network brings the browser back to /connect/callback,
//   and that to /settings/accounts/{id}?sign_in=connected | connected_again | denied | CODE
// GET /accounts/{id}/connection -> Connection
export interface Connection { webhook: { url: string | null; last_success_at: Time | null; refused_in_row: number; calls: { at: Time; status: number; note: string; items: number }[] } | null; hears: '' | 'webhook' | 'stream' | 'asking';
  meters: { name: string; unit: string; used: number; limit: number; resets_at: Time | null }[]; credentials_at: Time | null;
  problems: { kind: 'credentials' | 'webhook' | 'subscription' | 'certificate' | 'mail_folder' | 'mailbox_full'; detail: string; since: Time }[]; gaps: { closed_at: Time; away_since: Time; posts: number }[]; }
// GET /accounts/{id}/deliveries -> Page<Delivery> ; POST /accounts/{id}/deliveries/{outbox_id}/resend -> 202 Reply
export interface Delivery { id: Id; outbox_id: Id; case_id: Id; url: string; attempted_at: Time; duration_ms: number; status: number; outcome: 'delivered' | 'refused' | 'failed'; excerpt: string; }
// POST /sample {speed?: number} -> {account_id: Id} starts the sample day ; DELETE /sample stops it ; GET /sample -> SampleState
export interface SampleState { running: boolean; played: number; total: number; }

// --- topics
// GET /topics?archived= -> {items: Topic[]} ; GET /topics/{id} ; POST {name, query | keywords, excluded, …} ; PATCH /topics/{id} ; DELETE /topics/{id} (archives) ; POST /topics/{id}/restore
//   a query with mistakes: 400 code "query" with all `mistakes`
export interface Folding { kana: boolean; dashes: boolean; small_kana: boolean; runs: boolean; }
export interface Mutes { authors: { id: string; handle: string }[]; bots: boolean; giveaways: boolean; }
export interface Theme { id?: string; name: string; query: string; }
export interface Topic { id: Id; name: string; query: string; folding: Folding; themes: Theme[]; mutes: Mutes; is_competitor: boolean; enabled: boolean; found_today: number; created_at: Time; updated_at: Time; archived_at: Time | null; }
// POST /topics/parse {query} -> ParsedQuery       places are UTF-16, in the query; words are query.mistake.CODE, query.hint.CODE, query.lint.CODE and a part's key
export interface QueryMistake { code: string; message: string; hint?: string; values: Record<string, string>; start: number; end: number; instead?: string; }
export interface QueryPart { key: string; values: Record<string, string>; start: number; end: number; children: QueryPart[]; }
export interface ParsedQuery { valid: boolean; normal_form?: string; terms?: number; anchored?: boolean; tokens: { kind: string; start: number; end: number }[]; mistakes: QueryMistake[]; advice: QueryMistake[]; tree: QueryPart | null;
  x: { rules: string[]; unsaid: { code: string; start: number; end: number; lost: boolean }[] } | null; }
// POST /topics/preview {query, folding?, mutes?, topic_id?} -> TopicPreview
export interface PreviewPost { post_id: Id; case_id: Id; at: Time; network: string; name: string; handle: string; author_id: string; text: string; marks: [number, number][]; status: CaseStatus; is_new: boolean; }
export interface TopicPreview { posts: number; estimate: number; looked_at: number; complete: boolean; since: Time; items: PreviewPost[]; advice: QueryMistake[]; }
// GET /topics/{id}/report?from=&to= -> TopicReport ; GET /topics/{id}/posts?from=&to=&kind=&value=&cursor= -> Page<BehindPost>
export interface Counted { value: string; posts: number; }
export interface CountedAuthor extends Counted { person_id: Id; network: string; handle: string; name: string; avatar_url: string; followers: number | null; }
export interface TopicReport { topic_id: Id; name: string; from: Time; to: Time; posts: number; previous_posts: number; volume: number[]; previous_volume: number[];
  share: { topic_id: Id; name: string; is_competitor: boolean; posts: number; previous_posts: number }[]; words: Counted[]; links: Counted[]; networks: Counted[]; authors: CountedAuthor[]; themes: (Counted & { name: string })[]; }
export type BehindKind = 'network' | 'author' | 'word' | 'link' | 'theme';
export interface BehindPost { post_id: Id; case_id: Id; at: Time; network: string; name: string; handle: string; text: string; marks: [number, number][]; url: string; status: CaseStatus; }
// GET /topics/{id}/suggestions -> {items: Suggestion[]}
export interface Suggestion { kind: 'spelling' | 'add' | 'leave_out' | 'competitor'; word: string; term: string; right: number; wrong: number; open: number; example: string; }
// GET /posts/{id}/why -> {items: Reason[]}
export interface Reason { topic_id: Id; name: string; query: string; matches: boolean; terms: { text: string; from: number; to: number; marks: [number, number][] }[]; }

// --- promises and hours
// GET/PUT /promises -> PromiseBook (409 "changed" when another version was saved meanwhile) ; GET /promises/history -> {items: PromiseVersion[]}
// POST /promises/preview {calendars, policies, at?, account_id?, topic_ids?, priority?, groups?} -> PromisePreview
// GET /promises/holidays?year= -> {items: {day, holiday}[]} ; GET/PUT /roster -> Roster ; GET /cases/{id}/promises -> CasePromises
export type Priority = 'low' | 'normal' | 'high' | 'urgent';
export interface OpenSpan { from: string; to: string; }
export interface PromiseCalendar { key: string; name: string; time_zone: string; always_open: boolean; week: OpenSpan[][]; japans_holidays: boolean; own_days: { day: string; name: string; spans: OpenSpan[] }[]; }
export interface PromiseTarget { inside_minutes: number; outside_minutes: number; }
export interface PromisePolicy { key: string; name: string; calendar: string; accounts: Id[]; topics: Id[]; priorities: Priority[]; groups: string[];
  first_reply: PromiseTarget; next_reply: PromiseTarget; resolution: PromiseTarget | null; inside: 'open' | 'wall'; outside: 'open' | 'wall'; pause_while_waiting: boolean; warn_minutes: number; }
export interface PromiseBook { version: number; calendars: PromiseCalendar[]; policies: PromisePolicy[]; }
export interface PromiseVersion { version: number; changed_at: Time; changed_by: Id | null; }
export type PromiseKind = 'first_reply' | 'next_reply' | 'resolution';
export interface PromiseStep { what: 'used' | 'closed' | 'holiday' | 'paused'; day: string; last_day: string; minutes: number; holiday: string; name: string; }
export interface PromisePlan { kind: PromiseKind; from: Time; inside: boolean; counting: 'open' | 'wall'; minutes: number; due_at: Time | null; warn_at: Time | null; left_minutes: number; steps: PromiseStep[]; }
export interface PromisePreview { policy: string; time_zone: string; promises: PromisePlan[]; }
// Why an escalation is due when it is.
export type EscalationPlan = Omit<PromisePlan, 'kind'> & { kind: 'escalation' };
export interface CasePromises { policy: { key: string; name: string }; calendar: { key: string; name: string; time_zone: string }; planned: boolean;
  promises: (PromisePlan & { warned: boolean; broken: boolean })[]; results: { kind: PromiseKind; from: Time; due_at: Time; ended_at: Time; kept: boolean }[]; }
export interface Shift { user_id: Id; weekday: number | null; day: string | null; from: string; to: string; }
export interface Leave { user_id: Id; first_day: string; last_day: string; substitute_id: Id | null; note: string; }
export interface Roster { version: number; time_zone: string; shifts: Shift[]; leaves: Leave[]; on_duty: { user_id: Id; instead_of: Id | null; until: Time }[]; }

// --- cases
export type CaseStatus = 'found' | 'open' | 'waiting' | 'snoozed' | 'watched' | 'resolved' | 'dismissed';
// saved:ID a saved view, team:ID a team's queue, member:ID what somebody has, due:overdue and due:soon what is or runs late, due:failed what has a reply that was not sent
export type View = BuiltInView | `saved:${string}` | `team:${string}` | `member:${string}` | 'due:overdue' | 'due:soon' | 'due:failed';
export type BuiltInView = 'now' | 'mine' | 'found' | 'folded' | 'waiting' | 'snoozed' | 'watched' | 'purchase' | 'opinions' | 'resolved' | 'dismissed' | 'all';
// GET /cases?view=&topic_id=&cursor=&limit=  -> Page<CaseRow>     now, mine and purchase: by rank_at; opinions: first asked first; others: newest first
export interface CaseRow { id: Id; number: number; status: CaseStatus; origin: 'addressed' | 'found'; network: string; account_id: Id; person_id: Id;
  name: string; handle: string; avatar_url: string; followers: number | null; title: string; preview: string; preview_marks: [number, number][];
  due_at: Time | null; promised_from: Time | null; priority: Priority; waiting_since: Time | null; last_post_at: Time; snoozed_until: Time | null; folded: boolean; assignee_id: Id | null; team_id: Id | null; dismiss_reason: string; post_count: number; tags: string[];
  topic_ids: Id[]; triage: Triage | null; queue: 'desk' | 'purchase'; rank_at: Time | null; rank_why: RankReason[]; opinion: Opinion | null; version: number; }
// Why a case stands earlier (below zero: later) than its promise: a weight's name, waiting, or group:NAME.
export interface RankReason { key: string; minutes: number; }
export interface Opinion { by: Id; of: Id | null; note: string; }
// POST /cases/next {purchases?, leave?} -> {case: CaseRow | null} ; POST /cases/{id}/watch {reason, until?, version?} -> ChangedRow
// POST /cases/{id}/opinion {user_id?, note?, version?} | DELETE /cases/{id}/opinion -> CaseRow
// GET /order -> Order ; PUT /order {version, …OrderWeights} (leads) ; POST /order/preview {…OrderWeights} -> OrderPreview (nothing is saved)
export interface OrderWeights { danger: number; legal: number; money: number; urgency: number; reach: number; anger: number; wrote_again: number; complaints: number; chatter: number; among_users: number; low: number; high: number; urgent: number; waiting_percent: number; groups: { name: string; minutes: number }[]; }
export interface Order extends OrderWeights { version: number; first: OrderWeights; }
export interface OrderPreview { before: CaseRow[]; after: CaseRow[]; cases: number; moved: number; }
// What a change answers: event_seq names its event, for /undo; missing when nothing changed.
export interface ChangedRow extends CaseRow { event_seq?: string; }
export type TriageKind = 'question' | 'complaint' | 'praise' | 'wish' | 'purchase' | 'chatter' | 'noise';
export interface Triage { kind: TriageKind; certainty: number; feeling: number; urgency: number; reach: number; danger: boolean; legal: boolean; money: boolean; among_users: boolean; no_contact: boolean; }
// GET /posts/{id}/triage -> PostTriage
export interface PostTriage { language: string; kind: TriageKind; certainty: number; feeling: number; urgency: number; reach: number; harms: ('safety' | 'health' | 'legal' | 'money')[]; among_users: boolean; no_contact: boolean; reasons: { signal: string; text: string; start: number; end: number }[]; }
// GET /cases/counts -> Counts
export interface Counts { now: number; mine: number; found: number; folded: number; waiting: number; snoozed: number; watched: number; purchase: number; opinions: number; overdue: number; failed_replies: number; approvals: number; journal_failures: number; }
// GET /cases/{id} -> CaseDetail
export interface CaseDetail extends CaseRow { conversations: Conversation[]; person: Person; earlier: EarlierCase[]; participants: number; can_reply: ReplyWay[]; drafts: Draft[]; approvals: Approval[]; elsewhere: ReplyElsewhere[]; }
export interface Conversation { id: Id; account_id: Id; network: string; visibility: 'public' | 'private'; external_id: string; name: string; }
export interface EarlierCase { id: Id; number: number; title: string; status: CaseStatus; network: string; last_post_at: Time; }
// One way to answer: which account, to which post, who can read it. Empty list: nothing connected that could answer.
export interface MailAddress { name: string; address: string; }
// Who a mail went to; `us`: this account.
export interface Receiver extends MailAddress { role: 'to' | 'cc'; us: boolean; }
export interface ReplyWay { account_id: Id; account_handle: string; network: string; target_post_id: Id; conversation_id: Id; visibility: 'public' | 'private'; reply_closed: string; answers: MailAddress | null; others: MailAddress[]; capabilities: Capabilities; }
// GET /cases/{id}/timeline?before=&after=&limit= -> Timeline (newest page first asked, items oldest first inside a page)
export type TimelineItem = PostItem | NoteItem | FactItem;
export interface Timeline { items: TimelineItem[]; before: string | null; }
export interface Author { identity_id: Id | null; user_id: Id | null; name: string; handle: string; avatar_url: string; }
// state and file_url: only of what the desk keeps itself (GET /posts/{id}/files/{number})
export interface Attachment { kind: 'image' | 'video' | 'audio' | 'link' | 'quote' | 'file' | 'sticker' | 'location'; url: string; thumbnail_url: string; alt: string; title: string; width: number; height: number;
  state?: 'wanted' | 'kept' | 'gone' | 'refused'; file_url?: string; name?: string; content_type?: string; size?: number; }
export interface Inline { kind: 'emoji' | 'mention'; start: number; end: number; image_url: string; of_us: boolean; }
export type ReplyState = 'held' | 'queued' | 'sending' | 'unclear' | 'sent' | 'confirmed' | 'failed' | 'cancelled' | 'elsewhere' | 'done_there';
export interface PostItem { type: 'post'; id: Id; at: Time; conversation_id: Id; network: string; direction: 'in' | 'out' | 'context'; reason: string; author: Author; text: string; marks: [number, number][];
  subject: string; quoted: string; html: string; incomplete: string; // of a mail; "" elsewhere
  topics: string[]; language: string; url: string; attachments: Attachment[]; inlines: Inline[]; receivers: Receiver[]; reply_closed: string; edited_at: Time | null; deleted_at: Time | null; external_id: string;
  reply: Reply | null; liked: ReplyState | null; reposted: ReplyState | null; hidden: ReplyState | null; }
export interface NoteItem { type: 'note'; id: Id; at: Time; author: Author; text: string; deleted: boolean; }
export interface FactItem { type: 'fact'; id: string; at: Time; kind: string; actor: Author | null; data: Record<string, unknown>; }
// POST /cases/{id}/replies {account_id, target_post_id, text, attachment_ids?, request_id, saved_reply_id?, in_public?} -> 202 Reply   (request_id: idempotent, chosen by the client)
// POST /replies/{id}/cancel -> Reply (while held) ; POST /replies/{id}/retry {seen_post_id?} -> Reply (failed, unclear; 409 "answered_meanwhile")
// POST /replies/{id}/settle {arrived, request_id?, seen_post_id?} -> 202 Reply (unclear, and looked for in vain; 409 as retry)
// POST /posts/{id}/like | /unlike | /repost | /unrepost | /hide | /unhide {account_id} -> 202 Reply ; DELETE /posts/{id} (our own, on the network too) -> 202 Reply
export interface Reply { id: Id; case_id: Id; post_id: Id | null; action: string; state: ReplyState; held_until: Time | null; next_try_at: Time | null; attempts: number; error: string; error_code: string; receipt: '' | 'delivered' | 'read' | 'failed'; receipt_at: Time | null; url: string; created_by: Id; created_at: Time; text?: string; copy_to?: string[]; /* just taken back: what was written, with its variables, and who was to get it */ }
// POST /cases/{id}/compose-link {as replies} -> 201 {url, reply} (state elsewhere) ; POST /replies/{id}/done-there -> Reply ; /cancel takes it back
export interface ReplyElsewhere extends Reply { text: string; network: string; account_id: Id; compose_url: string; }
// 422 code "blocked" or "needs_second_person" with findings: what the checks hold back
// POST /cases/{id}/reply-checks {account_id, target_post_id, text, links?} -> ReplyChecks (sends nothing)
// POST /cases/{id}/approvals {as replies, note?} -> 202 {approval, reply} (the same request_id is one of the two)
// GET /approvals?state=&limit= -> {items: Approval[]} ; GET /approvals/{id} ; POST /approvals/{id}/approve {text?, seen_post_id} -> 202 Reply
//   (409 "customer_wrote" when seen_post_id is not the newest, 403 "own_reply") ; /send-back {note} ; /withdraw -> Approval
export type Severity = 'off' | 'hint' | 'second_person' | 'blocked';
export interface Finding { check: string; severity: Severity; ranges: [number, number][]; params: Record<string, string>; }
export interface ReplyChecks { findings: Finding[]; severity: Severity; looking_at_links: boolean; has_second_person: boolean; learn: { listen: boolean; empathise: boolean; apologise: boolean; respond: boolean; now: boolean } | null; }
export interface Approval { id: Id; case_id: Id; case_number: number; title: string; customer_name: string; due_at: Time | null; account_id: Id; network: string; account_handle: string; visibility: string;
  target_post_id: Id; target_text: string; text: string; copy_to: string[]; attachment_ids: Id[]; state: 'waiting' | 'approved' | 'returned' | 'withdrawn'; findings: Finding[]; note: string; answer: string; edited: boolean;
  newest_post_id: Id | null; newest_text: string; customer_wrote_again: boolean; asked_by: Id; asked_by_name: string; asked_at: Time; decided_by: Id | null; decided_by_name: string; decided_at: Time | null; reply_id: Id | null; }
// GET/PATCH /reply-rules -> ReplyRules ; GET /voice-guides -> {shared: Voice, accounts: {account_id, voice}[]} ; PUT/DELETE /voice-guides/{account_id | "shared"}
export interface ReplyRules { severities: Record<string, Severity>; promise_words: string[]; competitors: string[]; own_contacts: string[]; order_patterns: string[]; allowed_hosts: string[];
  crisis_topic_ids: Id[]; exchanges_limit: number; recent_days: number; similar_percent: number; disaster_hours: number; playbook: Playbook; }
export interface Playbook { personal_data: boolean; order_complaint: boolean; exchanges: number; private_account_id: string; link_hours: number; }
export interface Voice { guide: string; max_exclamations: number; max_emoji: number; no_casual: boolean; polite: boolean; we: boolean; initials: boolean; word_choice: { word: string; instead: string }[]; }
export interface VoiceGuides { shared: Voice; accounts: { account_id: Id; voice: Voice }[]; }
// POST /cases/{id}/notes {text} -> NoteItem ; DELETE /notes/{id}
// POST /cases/{id}/assign {user_id: Id | null} ; /snooze {until: Time} ; /resolve ; /dismiss {reason} ; /open (take back: open again, also: respond to a found one)
//   -> ChangedRow; optional {version} gives 409 code "changed" when the case moved on
// PUT /cases/{id}/tags {tags: string[]} | {add, remove} -> ChangedRow
// PATCH /cases/{id} {title} -> ChangedRow
// POST /cases/{id}/undo {event_seq} -> CaseRow, exactly as before that change; 409 code "changed" when it moved on since
// PUT /cases/{id}/draft {kind, text, attachment_ids} -> 204 ; DELETE /cases/{id}/draft?kind=
export interface Draft { user_id: Id; user_name: string; kind: 'reply' | 'note'; text: string; attachment_ids: Id[]; updated_at: Time; }
// POST /cases/{id}/presence {state: 'looking' | 'writing' | 'away' | 'gone'} -> 204 (every 20 s while open)
export interface Presence { case_id: Id; user_id: Id; name: string; initials: string; state: 'looking' | 'writing' | 'away' | 'gone'; }
// POST /attachments?alt= (body: the file's bytes, Content-Type) -> AttachmentUpload ; GET /attachments/{id} -> bytes ; PATCH {alt}
export interface AttachmentUpload { id: Id; content_type: string; bytes: number; alt: string; width: number | null; height: number | null; }

// --- people
// GET /people/{id} -> Person ; PATCH /people/{id} {name?, note?} ; POST /people/{id}/refresh -> Person (asks the network)
export interface Person { id: Id; name: string; note: string; groups: string[]; values: Record<Id, FieldValue>; identities: Identity[]; customer_id: string; case_count: number; created_at: Time; not_refreshed?: { network: string; code: string; message: string }[]; }
export type FieldValue = string | number | boolean;
export type FieldKind = 'text' | 'number' | 'date' | 'yes_no' | 'choice' | 'link' | 'email' | 'phone';
export interface PersonField { id: Id; name: string; kind: FieldKind; choices: string[]; }
export interface PersonFields { version: number; fields: PersonField[]; }
// GET /people/{id}/cases?tag= -> Page<PersonCase>
export interface PersonCase { id: Id; number: number; title: string; status: CaseStatus; network: string; last_post_at: Time; }
export interface PersonPost { id: Id; case_id: Id; case_number: number; network: string; visibility: 'public' | 'private'; direction: 'in' | 'out'; author: string; text: string; url: string; at: Time; deleted: boolean; }
export interface SamePerson { person: Person; reasons: { kind: 'customer_id' | 'email' | 'phone' | 'handle' | 'name'; text: string }[]; }
export interface JoinedPerson { change_id: Id; person: Person; }
export interface PersonChange { id: Id; kind: 'merge' | 'split'; person_id: Id; other_id: Id; other_name: string; done_by: Id; done_by_name: string; done_at: Time; undone_at: Time | null; can_undo: boolean; }
export interface CustomerSource { url: string; enabled: boolean; keep_minutes: number; changed_at: Time; secret?: string; }
export interface FactCard { title: string; fields: { label: string; value: string }[]; links: { label: string; url: string }[]; }
export interface CustomerFacts { state: 'off' | 'ok' | 'unknown' | 'failed' | 'busy'; fresh: boolean; cards: FactCard[]; fetched_at: Time | null; error: { code: 'unreachable' | 'timeout' | 'refused' | 'too_large' | 'not_understood' | 'not_allowed'; message: string; at: Time } | null; }
export interface Identity { id: Id; network: string; external_id: string; handle: string; name: string; avatar_url: string; bio: string; followers: number | null; url: string; relation: string; customer_id: string; }

// --- search
// GET /search?q=&cursor= -> Page<SearchHit>
export interface SearchHit { case_id: Id; post_id: Id | null; number: number; name: string; handle: string; network: string; at: Time; excerpt: string; marks: [number, number][]; status: CaseStatus; }

// --- administration
// GET /journal/failures -> Page<JournalFailure> ; POST /journal/failures/{seq}/replay ; POST /journal/replay (all failed) -> {replayed, still_failing}
export interface JournalFailure { seq: string; account_id: Id; source: string; error: string; place: string; failed_at: Time; attempts: number; excerpt: string; }
// GET /stream -> StreamState of the public stream (Bluesky)
export interface StreamState { url: string; status: 'off' | 'starting' | 'ok' | 'waiting'; detail: string; posts_seen: number; posts_found: number; behind_ms: number | null; }

// --- alarms and notices
// GET /alarms?topic_id=&cursor= -> Page<Alarm> ; GET | PUT /topics/{id}/alarm_rules -> AlarmRules (posts and minutes 0: no hand-set rule)
export interface Alarm { id: Id; topic_id: Id; topic_name: string; rule: 'learnt' | 'set'; started_at: Time; ended_at: Time | null; minutes: number; posts: number; usual: number; peak_posts: number; severity: number; }
export interface AlarmRules { learnt: boolean; posts: number; minutes: number; }
// GET /notices?cursor= -> Page<Notice> & {unread} ; POST /notices/{id}/read -> 204 (this one and all before it)
export type TeamNotice = 'assigned' | 'handed_over' | 'mentioned' | 'standing_in' | 'followed_post' | 'followed_note' | 'followed_assigned' | 'followed_resolved' | 'rule' | 'escalation_created' | 'escalation_done' | 'escalation_broken';
export interface Notice { id: Id; kind: 'rise_learnt' | 'rise_set' | 'promise_warned' | 'promise_broken' | 'approval_asked' | 'approval_approved' | 'approval_returned' | 'opinion_asked' | 'opinion_respond' | 'opinion_watch' | 'opinion_skip' | 'opinion_other' | 'account_credentials' | 'account_certificate' | 'account_mail_folder' | 'account_mailbox_full' | 'account_webhook' | 'account_subscription' | 'reply_returned' | 'reward_low' | 'reward_none' | TeamNotice; severity: number; data: { topic?: string; topic_id?: Id; posts?: number; minutes?: number; usual?: number; number?: number; name?: string; note?: string; by?: string; team?: string; rule?: string; text?: string; account?: string; list?: string; free?: number; path?: string; of_customer?: boolean }; created_at: Time; read: boolean; }
export interface Notices { items: Notice[]; next_cursor: string | null; unread: number; }
// GET | PATCH /notification_settings -> NotificationSettings (one's own; times of day "22:00" or null)
export interface NotificationSettings { mail: boolean; least_severity: number; quiet_from: string | null; quiet_until: string | null; time_zone: string; mail_works: boolean; }
// GET | POST {name, url} /webhooks ; PATCH {name?, url?, enabled?} | DELETE /webhooks/{id} ; GET /webhooks/{id}/deliveries ; POST /webhooks/{id}/deliveries/{notice_id}/resend
export interface Webhook { id: Id; name: string; url: string; enabled: boolean; created_at: Time; secret?: string; }
export interface WebhookDelivery { id: Id; notice_id: Id; url: string; attempted_at: Time; duration_ms: number; status: number; outcome: 'delivered' | 'refused' | 'failed'; excerpt: string; }

// --- live: GET /workspaces/{workspace_id}/live  (text/event-stream, Last-Event-ID = seq)
//   event: change   id: seq   data: LiveChange     (a durable event, with the case's row as it is now)
//   event: counts             data: Counts          (at most twice a second; now, found … for this user)
//   event: presence           data: Presence
//   event: reset              data: {}              (too far behind: load again)
export interface LiveChange { seq: number; at: Time; kind: string; case_id: Id | null; post_id: Id | null; actor_id: Id | null; data: Record<string, unknown>; case: CaseRow | null; }

// --- teamwork
// GET /teams -> TeamsAnswer ; POST /teams ; PATCH, DELETE /teams/{id} ; PATCH /work/{user_id} ; PUT /team_settings {claim_on_open}
export interface Team { id: Id; name: string; assigning: 'by_hand' | 'by_load'; escalation_minutes: number; member_ids: Id[]; open_cases: number; }
export interface MemberWork { user_id: Id; capacity: number; skills: string[]; languages: string[]; away_until: Time | null; substitute_id: Id | null; open_cases: number; away: boolean; }
export interface TeamsAnswer { items: Team[]; work: MemberWork[]; claim_on_open: boolean; }
// GET/POST /macros, /views, /rules ; PATCH, DELETE …/{id} (409 "changed") ; GET /views/counts ; POST /rules/dry-run {trigger, conditions, actions, days?} -> DryRun
export type ConditionField = 'status' | 'origin' | 'network' | 'account' | 'topic' | 'language' | 'kind' | 'feeling' | 'harm' | 'urgency' | 'reach' | 'priority' | 'group' | 'tag' | 'assignee' | 'team' | 'follower' | 'due' | 'hours' | 'text';
export interface Condition { field: ConditionField; not?: boolean; values: string[]; }
export type ActionKind = 'assign' | 'assign_me' | 'team' | 'open' | 'resolve' | 'dismiss' | 'snooze' | 'priority' | 'add_tags' | 'remove_tags' | 'note' | 'reply' | 'escalate' | 'notify';
export interface Action { do: ActionKind; user_id?: Id | null; team_id?: Id | null; skill?: string; tags?: string[]; priority?: Priority; text?: string; reason?: string; minutes?: number; user_ids?: Id[]; }
export type TriggerKind = 'case_opened' | 'case_found' | 'customer_wrote' | 'reopened' | 'tagged' | 'assigned' | 'team_changed' | 'priority_changed' | 'resolved' | 'note_added' | 'promise_warned' | 'promise_broken' | 'waiting';
export interface Trigger { on: TriggerKind; tags?: string[]; minutes?: number; open_time?: boolean; }
interface DeskDocument { id: Id; name: string; shared: boolean; place: number; version: number; updated_at: Time; }
export interface Macro extends DeskDocument { uses: number; actions: Action[]; }
export interface SavedView extends DeskDocument { conditions: Condition[]; }
export interface Rule extends DeskDocument { uses: number; enabled: boolean; trigger: Trigger; conditions: Condition[]; actions: Action[]; }
export interface ViewCount { id: Id; cases: number; more: boolean; }
export interface DryRun { items: { case_id: Id; number: number; name: string; title: string; at: Time }[]; count: number; looked_at: number; complete: boolean; }
// POST /acts {actions | macro_id, case_ids | view} -> Act ; POST /acts/preview -> ActPreview ; GET /acts?rule_id= | macro_id= | source=bulk -> Page<Act> ; GET /acts/{id} ; POST /acts/{id}/cancel, /undo
// seen: of the preview; request_id: the same request is done once
export interface ActRequest { actions?: Action[]; macro_id?: Id; case_ids?: Id[]; view?: string; topic_id?: Id; seen?: Id; request_id?: string; }
export interface Act { id: Id; source: 'macro' | 'bulk' | 'rule'; source_id: Id | null; name: string; actions: Action[]; actor_id: Id | null; state: 'running' | 'done' | 'cancelled' | 'undoing' | 'undone';
  cases: number; done: number; refused: number; not_undone: number; created_at: Time; case: { id: Id; number: number; name: string } | null; refusals: { case_id: Id; number: number; name: string; code: string }[]; }
// GET /acts/{id}/cases -> Page<ActCase>
export interface ActCase { case_id: Id; number: number; name: string; state: 'waiting' | 'done' | 'refused' | 'cancelled' | 'undone' | 'not_undone'; code: string; }
export interface PreviewedCase { case_id: Id; number: number; name: string; changes: { do: string }[]; code: string; }
export interface ActPreview { items: PreviewedCase[]; cases: number; case_ids: Id[]; more: boolean; seen: Id; will_change: number; will_refuse: number; }
// POST /cases/{id}/claim (409 "taken") ; POST /cases/{id}/handover {user_id | team_id, note} ; GET /cases/{id}/teamwork -> CaseTeamwork ; PUT /cases/{id}/follow {on}
// POST /cases/{id}/escalations {team_id, note} -> Escalation ; PATCH /escalations/{id} {state?, tracker_status?, tracker_url?, comment?} ; GET /tags?case_id=&prefix=
export interface Escalation { id: Id; case_id: Id; team_id: Id; team: string; note: string; state: 'open' | 'done' | 'withdrawn'; created_by: Id | null; creator: string; created_at: Time; due_at: Time; ended_at: Time | null; tracker_status: string; tracker_url: string; promise: EscalationPlan | null; }
export interface CaseTeamwork { followers: Id[]; escalations: Escalation[]; }
export interface TagSuggestion { tag: string; cases: number; similar: boolean; }

// --- open channel (outside of the console; account token as Bearer): base /api/v1/open
// POST /open/posts  OpenPost | {posts: OpenPost[]} (≤ 1,000, ≤ 4 MiB) -> 202 {items: {external_id, status: 'accepted' | 'error', error?: Problem}[]}   (single: 202 one item, or 400)
// POST /open/deletions {external_id} -> 202
// GET  /open/replies?after=&limit=&wait_s=0…30 -> {items: OpenReply[], next: string}  (pull) ; POST /open/replies/{id}/ack {external_id?, url?} -> 204
// replies by webhook: POST to settings.webhook_url with webhook-id, webhook-timestamp, webhook-signature; 2xx = confirmed
export interface OpenPost { external_id: string; thread_id?: string; parent_id?: string; text: string; posted_at?: Time; language?: string; url?: string; network?: string; visibility?: 'public' | 'private';
  direction?: 'in' | 'out' | 'context'; reason?: 'mention' | 'reply' | 'quote' | 'message' | 'found'; author: { id: string; name?: string; handle?: string; avatar_url?: string; url?: string; bio?: string; followers?: number };
  attachments?: { kind: string; url: string; alt?: string; title?: string }[]; }
export interface OpenReply { type: 'reply.created'; id: Id; account_id: Id; case_id: Id; in_reply_to: string; thread_id: string; text: string; author: string; to: { id: string; handle: string; name: string }; created_at: Time; attachments: { url: string; alt: string; content_type: string }[]; }
