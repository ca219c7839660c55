// A reply: to whom, from which account, how long, with which pictures.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { ApiError, post } from '../api/client';
import { key, ws_path } from '../api/keys';
import { useReplyKit } from '../api/kit_queries';
import type { ReplyOffer } from '../api/kit_types';
import type { Approval, CaseDetail, Id, PostItem, Reply, ReplyWay, Timeline } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { useTimeline } from '../case/use_timeline';
import { network_name, t, t_or } from '../i18n/i18n';
import { at_sign } from '../inbox/row';
import { send_or_keep } from '../live/queue';
import { useReachable } from '../live/reach';
import { add_item } from '../live/timeline_merge';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { announce, show_toast } from '../ui/toast_store';
import { colleague_answer, newest_of, posts_in } from './answered';
import style from './composer.module.css';
import { Copies } from './copies';
import { count } from './count';
import { ElsewhereStrip, open_elsewhere } from './elsewhere';
import { marks_in, worst } from './finding_words';
import { Findings } from './findings';
import { ImageStrip } from './image_strip';
import { AnsweredAsk, Candidates, LearnSteps, PrivateOffer, PublicAsk, VoiceFold } from './kit_strips';
import { MarkedField } from './marked_field';
import { on_returned } from './returned';
import { RewardMenu } from './reward_menu';
import { useSavedPicker } from './saved_picker';
import { sends } from './send_key';
import { signature, slash_at } from './slash';
import { useChecks } from './use_checks';
import { useDraft } from './use_draft';
import { useImages } from './use_images';
import { copies_again, pick_way, place_of, way_key, way_place } from './way';

interface Props {
  detail: CaseDetail;
  tabs: React.ReactNode;
  on_wrote: () => void;
  on_sent: () => void;
}
// An open channel stands for the network it speaks for.
const network_of = (way: ReplyWay, detail: CaseDetail): string =>
  way.network === 'open' ? detail.network : way.network;
const way_words = (way: ReplyWay, detail: CaseDetail): string =>
  t(way.visibility === 'private' ? 'composer.to.private' : 'composer.to.public', {
    network: network_name(network_of(way, detail)),
    handle: at_sign(way.account_handle),
  });
const place_of_draft = (me: Id, ws: Id, case_id: Id): string => `kiki.draft_place.${me}.${ws}.${case_id}`;
const link_variable = '{{private_link}}';

// Did a colleague answer since this text was begun? What stood there at its beginning was seen.
function useColleagueAnswer(ws: Id, case_id: Id, me: Id, empty: boolean) {
  const posts = posts_in(useTimeline(ws, case_id).data?.items ?? []);
  const newest = newest_of(posts);
  const [seen, set_seen] = useState('');
  // While nothing is written, all that stands there is seen.
  if (newest && (empty || seen === '') && seen !== newest) set_seen(newest);
  const answer = colleague_answer(posts, seen, me);
  return { by: answer?.author.name ?? null, seen, mean: () => set_seen(newest) };
}
export function ReplyForm({ detail, tabs, on_wrote, on_sent }: Props) {
  const { ws, me, workspace } = useDesk();
  const cache = useQueryClient();
  const reachable = useReachable();
  const draft = useDraft(ws, me.id, detail, 'reply');
  const [chosen, set_chosen] = useState('');
  // A draft keeps the place it was begun for: what comes in meanwhile elsewhere must not carry it there.
  const [begun, set_begun_now] = useState(
    () => localStorage.getItem(place_of_draft(me.id, ws, detail.id)) ?? '',
  );
  const set_begun = (place: string): void => {
    set_begun_now(place);
    if (place) localStorage.setItem(place_of_draft(me.id, ws, detail.id), place);
    else localStorage.removeItem(place_of_draft(me.id, ws, detail.id));
  };
  const [told_private, set_told_private] = useState(false); // the server knows better than what is shown here
  const [saved_id, set_saved_id] = useState<Id | null>(null);
  const [slash, set_slash] = useState<{ start: number; end: number; query: string } | null>(null);
  const [meant, set_meant] = useState('');
  const [copies, set_copies] = useState<{ way: string; addresses: string[] }>({ way: '', addresses: [] });
  const [dropping, set_dropping] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const way = pick_way(detail.can_reply, chosen, begun)!;
  const { capabilities } = way;
  const kit = useReplyKit(ws, detail.id, way, reachable).data;
  const images = useImages(ws, draft.attachment_ids, (ids) => draft.write(draft.text, ids), capabilities);
  const text = draft.text.trim();
  const signed = signature(draft.text.trimEnd(), me.initials, kit?.voice.initials ?? false);
  const whole = draft.text.trimEnd() + signed;
  const link_length = kit?.private_offer.link_length ?? 0;
  const length = count(
    link_length > 0 ? whole.replaceAll(link_variable, 'x'.repeat(link_length)) : whole,
    capabilities.text_unit,
  );
  const limit = capabilities.text_limit;
  const over = limit > 0 && length > limit;
  const empty = text === '' && images.items.length === 0;
  const [composing, set_composing] = useState(false);
  const [note, set_note] = useState('');
  const [asking, set_asking] = useState(false);
  const checks = useChecks(ws, detail.id, way, whole, composing, reachable);
  // Too long is told by the counter, before the server is asked.
  const findings = checks.findings.filter((one) => one.check !== 'length');
  const held_back = worst(findings);
  // Only what was said about these very words keeps them here; about newer ones the server has its say on sending.
  const blocked = held_back === 'blocked' && checks.text === whole;
  // They wrote in private last: an answer for everybody needs to be meant, for this very place.
  const asks_public =
    way.visibility === 'public' && (told_private || detail.can_reply[0]?.visibility === 'private');
  // Ticked for this very way: what another mail went to is chosen anew.
  const copy_to = copies.way === way_key(way) ? copies.addresses : [];
  const in_public = asks_public && meant === way_key(way);
  const answered = useColleagueAnswer(ws, detail.id, me.id, empty);
  const ready = !empty && !over && !images.busy && !blocked && (!asks_public || in_public) && !answered.by;
  // A second person decides: because a check says so, or because the writer wants it.
  const by_second = held_back === 'second_person' || asking;
  const network = network_name(network_of(way, detail));
  // The network takes no answer here; what is left is its own page, with the text filled in.
  const closed = way.reply_closed !== '';
  const by_hand = closed && capabilities.compose_page;
  const blocked_us = detail.person.identities.some(
    (one) => one.network === network_of(way, detail) && one.relation === 'blocked',
  );

  useEffect(() =>
    on_returned((case_id, words, conversation_id, copy_to) => {
      if (case_id !== detail.id) return;
      const from = detail.conversations.find((one) => one.id === conversation_id);
      if (from) {
        set_begun(place_of(from));
        set_chosen('');
        set_copies(copies_again(detail.can_reply, place_of(from), copy_to ?? []));
      }
      draft.write(draft.text.trim() === '' ? words : `${words}\n${draft.text}`);
      field.current?.focus();
    }),
  );

  const write = (words: string, pictures?: Id[]): void => {
    if (begun === '' && words !== '') set_begun(way_place(way));
    if (words === '') {
      set_begun('');
      set_saved_id(null);
    }
    draft.write(words, pictures);
    on_wrote();
  };
  const put_caret = (at: number): void => {
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(at, at);
    });
  };
  // Puts words where the caret is, or over the short code that was typed.
  const insert = (words: string, pictures?: Id[]): void => {
    const node = field.current;
    const start = slash?.start ?? node?.selectionStart ?? draft.text.length;
    const end = slash?.end ?? node?.selectionEnd ?? draft.text.length;
    const before = draft.text.slice(0, start);
    set_slash(null);
    write(before + words + draft.text.slice(end), pictures);
    put_caret(before.length + words.length);
  };
  const take = (offer: ReplyOffer): void => {
    insert(offer.text, offer.attachment_ids.length > 0 ? images.attach(offer.attachment_ids) : undefined);
    if (offer.saved_reply_id) set_saved_id(offer.saved_reply_id);
  };
  const insert_link = (): void =>
    insert(draft.text === '' || /\s$/.test(draft.text) ? link_variable : ` ${link_variable}`);
  const picker = useSavedPicker(ws, detail.id, way, slash?.query ?? null, take, () => set_slash(null));
  const look_for_slash = (node: HTMLTextAreaElement): void => {
    const hit = slash_at(node.value, node.selectionStart);
    set_slash(hit && { ...hit, end: node.selectionStart });
  };
  const open_saved = (): void => {
    const at = field.current?.selectionStart ?? draft.text.length;
    field.current?.focus();
    set_slash(slash ? null : { start: at, end: at, query: '' });
  };
  const body_of = (words: string, pictures: Id[], request_id: string) => ({
    account_id: way.account_id,
    target_post_id: way.target_post_id,
    text: words,
    attachment_ids: pictures,
    request_id,
    ...(saved_id ? { saved_reply_id: saved_id } : {}),
    ...(in_public ? { in_public: true } : {}),
    ...(copy_to.length > 0 ? { copy_to } : {}),
    ...(answered.seen ? { seen_post_id: answered.seen } : {}),
  });
  const gone = (): void => {
    draft.clear();
    images.clear();
    set_begun('');
    set_saved_id(null);
    set_meant('');
    set_copies({ way: '', addresses: [] });
    set_slash(null);
    on_sent();
  };

  const new_request = (): string =>
    crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const ask = (): void => {
    const words = draft.text;
    const pictures = draft.attachment_ids;
    const body = { ...body_of(whole, pictures, new_request()), note: note.trim() };
    gone();
    post<{ approval: Approval | null }>(ws_path(ws, `/cases/${detail.id}/approvals`), body)
      .then(() => {
        set_note('');
        set_asking(false);
        announce(t('announce.approval_asked'));
        void cache.invalidateQueries({ queryKey: key.case_detail(ws, detail.id) });
        void cache.invalidateQueries({ queryKey: key.timeline(ws, detail.id) });
      })
      .catch((error) => {
        draft.write(words, pictures);
        set_begun(way_place(way));
        set_copies({ way: way_key(way), addresses: copy_to });
        if (error instanceof ApiError && error.code === 'public_not_chosen') set_told_private(true);
        if (error instanceof ApiError && error.problem.findings) checks.show(error.problem.findings, words);
        show_toast({ text: 'toast.reply_refused', tone: 'act', params: { why: words_of(error) } }, 12_000);
      });
  };
  const open_there = (): void => {
    if (!ready) return;
    const words = draft.text;
    const body = body_of(whole, [], new_request());
    // The page opens at once, from the press itself; browsers hold back what comes later by itself.
    open_elsewhere(ws, cache, detail.id, body)
      .then(() => {
        gone();
        announce(t('elsewhere.opened', { network }));
      })
      .catch((error) => {
        if (error instanceof ApiError && error.code === 'public_not_chosen') set_told_private(true);
        if (error instanceof ApiError && error.problem.findings) {
          checks.show(error.problem.findings, words);
          return;
        }
        show_toast({ text: 'toast.reply_refused', tone: 'act', params: { why: words_of(error) } }, 12_000);
      });
  };
  const send = (): void => {
    if (!ready) return;
    if (closed) {
      if (by_hand && reachable) open_there();
      return;
    }
    if (by_second) {
      ask();
      return;
    }
    const request_id = new_request();
    const held_ms = (workspace?.settings.undo_send_seconds ?? 5) * 1000;
    const shown = local_post(detail, way, whole, request_id, held_ms, me);
    const name = key.timeline(ws, detail.id);
    cache.setQueryData<Timeline>(name, (old) => add_item(old, shown));
    const words = draft.text;
    const pictures = draft.attachment_ids;
    const body = body_of(whole, pictures, request_id);
    gone();
    announce(t('announce.sending'));
    send_or_keep<Reply>({ path: ws_path(ws, `/cases/${detail.id}/replies`), method: 'POST', body })
      .then((answer) => {
        if (answer === 'later') {
          show_toast({ text: 'toast.reply_waits', tone: 'plain' });
          return;
        }
        cache.setQueryData<Timeline>(name, (old) => {
          const known = old?.items.some((item) => item.type === 'post' && item.id === answer.post_id);
          return (
            old && {
              ...old,
              items: old.items.flatMap((item) =>
                item.type !== 'post' || item.id !== shown.id
                  ? [item]
                  : known
                    ? []
                    : [{ ...item, id: answer.post_id ?? item.id, reply: answer }],
              ),
            }
          );
        });
        void cache.invalidateQueries({ queryKey: name });
      })
      .catch((error) => {
        cache.setQueryData<Timeline>(
          name,
          (old) => old && { ...old, items: old.items.filter((item) => item.id !== shown.id) },
        );
        draft.write(words, pictures);
        set_begun(way_place(way));
        set_copies({ way: way_key(way), addresses: copy_to });
        if (error instanceof ApiError && error.code === 'public_not_chosen') set_told_private(true);
        // The sentence stands beside the text; a toast on top of it would only be in the way.
        if (error instanceof ApiError && error.problem.findings) {
          checks.show(error.problem.findings, words);
          return;
        }
        show_toast({ text: 'toast.reply_refused', tone: 'act', params: { why: words_of(error) } }, 12_000);
      });
  };
  const show_place = (start: number, end: number): void => {
    field.current?.focus();
    field.current?.setSelectionRange(start, end);
  };

  return (
    <>
      <ElsewhereStrip detail={detail} />
      <div className={style.to}>
        <span className={style.where}>
          {detail.can_reply.length > 1 ? (
            <select
              className={style.way}
              aria-label={t('composer.way')}
              value={way_key(way)}
              onChange={(event) => set_chosen(event.target.value)}
            >
              {detail.can_reply.map((one) => (
                <option key={way_key(one)} value={way_key(one)}>
                  {way_words(one, detail)}
                  {one.answers && ` · ${t('composer.to', { address: one.answers.address })}`}
                </option>
              ))}
            </select>
          ) : (
            <b>{way_words(way, detail)}</b>
          )}
          {' · '}
          {way.visibility === 'private' ? (
            <span className={style.private}>
              {t(copy_to.length > 0 ? 'composer.readers.copies' : 'composer.readers.private', {
                name: way.answers?.name || way.answers?.address || detail.name || detail.handle,
              })}
            </span>
          ) : (
            t('composer.readers.public')
          )}
          {kit && kit.our_answers > 0 && (
            <span>
              {' · '}
              {t('composer.our_answers', { count: kit.our_answers })}
            </span>
          )}
        </span>
        {tabs}
      </div>
      <Copies
        way={way}
        chosen={copy_to}
        on_choose={(addresses) => set_copies({ way: way_key(way), addresses })}
      />
      {text === '' && slash === null && <Candidates candidates={kit?.candidates ?? []} on_pick={take} />}
      <div
        className={`${style.box} ${dropping ? style.drop : ''}`}
        onDragOver={(event) => {
          if (!event.dataTransfer.types.includes('Files')) return;
          event.preventDefault();
          set_dropping(true);
        }}
        onDragLeave={() => set_dropping(false)}
        onDrop={(event) => {
          set_dropping(false);
          if (event.dataTransfer.files.length === 0) return;
          event.preventDefault();
          images.add([...event.dataTransfer.files]);
        }}
      >
        {picker.body}
        <MarkedField
          ref={field}
          aria-autocomplete="list"
          aria-controls={picker.open ? picker.list_id : undefined}
          aria-activedescendant={picker.active_id}
          marks={marks_in(draft.text, checks.text, findings)}
          aria-label={t('composer.reply.label')}
          placeholder={t('composer.placeholder', { name: detail.name || at_sign(detail.handle) })}
          value={draft.text}
          onChange={(event) => {
            write(event.target.value);
            // While an input method composes nothing opens; what it leaves behind is looked at when it ends.
            if (!(event.nativeEvent as InputEvent).isComposing) look_for_slash(event.target);
          }}
          onCompositionStart={() => set_composing(true)}
          onCompositionEnd={(event) => {
            set_composing(false);
            look_for_slash(event.currentTarget);
          }}
          onBlur={() => set_slash(null)}
          onPaste={(event) => {
            const files = [...event.clipboardData.files].filter((one) => one.type.startsWith('image/'));
            if (files.length === 0) return;
            event.preventDefault();
            images.add(files);
          }}
          onKeyDown={(event) => {
            if (picker.press(event)) return;
            const digit = /^Digit([1-3])$/.exec(event.code)?.[1];
            const candidate = digit && event.altKey && text === '' && kit?.candidates[Number(digit) - 1];
            if (candidate && !event.nativeEvent.isComposing) {
              event.preventDefault();
              take(candidate);
              return;
            }
            if (!sends(event.nativeEvent, me.preferences.enter_sends ?? false)) return;
            event.preventDefault();
            send();
          }}
        />
        <ImageStrip images={images} alt_allowed={capabilities.image_alt} />
        {closed && (
          <div className={`${style.hint} ${style.sentences}`} role="status">
            <b>
              {t_or(`reply_closed.${way.reply_closed}`, t('reply_closed.other', { network }), { network })}
            </b>
            {t(by_hand ? 'reply_closed.way_out' : 'reply_closed.no_way_out', { network })}
          </div>
        )}
        {blocked_us && (
          <div className={`${style.hint} ${style.sentences}`} role="status">
            <b>{t('composer.blocked', { network })}</b>
            {t('composer.blocked.text')}
          </div>
        )}
        {over && (
          <div className={`${style.hint} ${style.act}`} role="status">
            <b>{t('composer.too_long')}</b>
            {t('composer.too_long.text', { count: length - limit, network })}
          </div>
        )}
        {answered.by && !empty && <AnsweredAsk name={answered.by} on_mean={answered.mean} />}
        {asks_public && <PublicAsk meant={in_public} on_mean={(yes) => set_meant(yes ? way_key(way) : '')} />}
        {!empty && <Findings findings={findings} on_place={show_place} />}
        {checks.learn && <LearnSteps learn={checks.learn} />}
        {kit?.private_offer.available &&
          kit.private_offer.reasons.length > 0 &&
          way.visibility === 'public' &&
          !draft.text.includes(link_variable) && (
            <PrivateOffer offer={kit.private_offer} on_insert={insert_link} />
          )}
        {!empty && by_second && held_back !== 'blocked' && (
          <label className={style.ask}>
            <span>{t('approval.note')}</span>
            <input
              value={note}
              maxLength={1000}
              placeholder={t('approval.note.placeholder')}
              onChange={(event) => set_note(event.target.value)}
            />
          </label>
        )}
        {kit && <VoiceFold voice={kit.voice} initials={me.initials} />}
        {!reachable && (
          <div className={style.hint} role="status">
            <b>{t('composer.offline')}</b>
            {t('composer.offline.text')}
          </div>
        )}
        <div className={style.foot}>
          {capabilities.images > 0 && !closed && (
            <>
              <Button
                look="quiet"
                disabled={images.items.length >= capabilities.images}
                onClick={() => file.current?.click()}
              >
                <Icon name="image" />
                {t('composer.image')}
              </Button>
              <input
                ref={file}
                type="file"
                accept="image/*"
                multiple
                hidden
                onChange={(event) => {
                  images.add([...(event.target.files ?? [])]);
                  event.target.value = '';
                }}
              />
            </>
          )}
          <Button
            look="quiet"
            icon
            aria-label={t('kit.saved.open')}
            title={t('kit.saved.open')}
            onMouseDown={(event) => event.preventDefault()}
            onClick={open_saved}
          >
            <Icon name="book" />
          </Button>
          {kit?.private_offer.available && way.visibility === 'public' && (
            <Button
              look="quiet"
              icon
              aria-label={t('private.insert')}
              title={t('private.insert.about', { count: kit.private_offer.hours })}
              onClick={insert_link}
            >
              <Icon name="lock" />
            </Button>
          )}
          <RewardMenu ws={ws} case_id={detail.id} way={way} on_insert={insert} />
          <div className={style.right}>
            {signed !== '' && (
              <span className={style.saved} title={t('kit.signature')}>
                {signed.trim()}
              </span>
            )}
            {draft.text !== '' && <span className={style.saved}>{t('composer.saved')}</span>}
            {limit > 0 && (
              <span
                className={`num ${over ? style.over : length > limit * 0.9 ? style.near : ''}`}
                title={t(`composer.unit.${capabilities.text_unit}`)}
              >
                {length} / {limit}
              </span>
            )}
            {checks.has_second_person &&
              !empty &&
              held_back !== 'second_person' &&
              held_back !== 'blocked' && (
                <Button
                  look="quiet"
                  icon
                  aria-pressed={asking}
                  aria-label={t('approval.want')}
                  title={t('approval.want')}
                  onClick={() => set_asking(!asking)}
                >
                  <Icon name="second" />
                </Button>
              )}
            <Button
              look="primary"
              disabled={
                !ready || ((by_second || closed) && !reachable) || (closed && (!by_hand || by_second))
              }
              keys="Mod+Enter"
              onClick={send}
            >
              {closed
                ? t('elsewhere.open', { network })
                : t(by_second ? 'action.ask_approval' : 'action.reply')}
            </Button>
          </div>
        </div>
      </div>
    </>
  );
}

// How the reply looks until the server has answered.
function local_post(
  detail: CaseDetail,
  way: ReplyWay,
  text: string,
  request_id: string,
  held_ms: number,
  me: { id: Id; name: string },
): PostItem {
  const at = new Date().toISOString();
  return {
    type: 'post',
    id: `local:${request_id}`,
    at,
    conversation_id: way.conversation_id,
    network: network_of(way, detail),
    direction: 'out',
    reason: '',
    author: { identity_id: null, user_id: me.id, name: me.name, handle: way.account_handle, avatar_url: '' },
    text,
    subject: '',
    quoted: '',
    html: '',
    incomplete: '',
    marks: [],
    topics: [],
    language: '',
    url: '',
    attachments: [],
    inlines: [],
    receivers: [],
    reply_closed: '',
    edited_at: null,
    deleted_at: null,
    external_id: '',
    liked: null,
    reposted: null,
    hidden: null,
    reply: {
      id: `local:${request_id}`,
      case_id: detail.id,
      post_id: null,
      action: 'reply',
      state: held_ms > 0 ? 'held' : 'queued',
      held_until: held_ms > 0 ? new Date(Date.now() + held_ms).toISOString() : null,
      next_try_at: null,
      attempts: 0,
      error: '',
      error_code: '',
      receipt: '',
      receipt_at: null,
      url: '',
      created_by: me.id,
      created_at: at,
    },
  };
}
