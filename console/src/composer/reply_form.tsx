// A reply: to whom, from which account, how long, with which pictures.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { ApiError, post } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { Approval, CaseDetail, Id, PostItem, Reply, ReplyWay, Timeline } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { network_name, t } from '../i18n/i18n';
import { at_sign } from '../inbox/row';
import { send_or_keep } from '../live/queue';
import { useReachable } from '../live/reach';
import { add_item } from '../live/timeline_merge';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { announce, show_toast } from '../ui/toast_store';
import style from './composer.module.css';
import { count } from './count';
import { marks_in, worst } from './finding_words';
import { Findings } from './findings';
import { ImageStrip } from './image_strip';
import { MarkedField } from './marked_field';
import { on_returned } from './returned';
import { sends } from './send_key';
import { useChecks } from './use_checks';
import { useDraft } from './use_draft';
import { useImages } from './use_images';

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
const way_key = (way: ReplyWay): string => `${way.account_id} ${way.target_post_id}`;

export function ReplyForm({ detail, tabs, on_wrote, on_sent }: Props) {
  const { ws, me, workspace } = useDesk();
  const cache = useQueryClient();
  const reachable = useReachable();
  const draft = useDraft(ws, me.id, detail, 'reply');
  const [chosen, set_chosen] = useState('');
  const [dropping, set_dropping] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const way = detail.can_reply.find((one) => way_key(one) === chosen) ?? detail.can_reply[0]!;
  const { capabilities } = way;
  const images = useImages(ws, draft.attachment_ids, (ids) => draft.write(draft.text, ids), capabilities);
  const text = draft.text.trim();
  const length = count(draft.text.trimEnd(), capabilities.text_unit);
  const limit = capabilities.text_limit;
  const over = limit > 0 && length > limit;
  const empty = text === '' && images.items.length === 0;
  const [composing, set_composing] = useState(false);
  const [note, set_note] = useState('');
  const [asking, set_asking] = useState(false);
  const checks = useChecks(ws, detail.id, way, draft.text, composing, reachable);
  // Too long is told by the counter, before the server is asked.
  const findings = checks.findings.filter((one) => one.check !== 'length');
  const held_back = worst(findings);
  // Only what was said about these very words keeps them here; about newer ones the server has its say on sending.
  const blocked = held_back === 'blocked' && checks.text === draft.text;
  const ready = !empty && !over && !images.busy && !blocked;
  // A second person decides: because a check says so, or because the writer wants it.
  const by_second = held_back === 'second_person' || asking;
  const network = network_name(network_of(way, detail));

  useEffect(
    () =>
      on_returned((case_id, words) => {
        if (case_id !== detail.id) return;
        draft.write(draft.text.trim() === '' ? words : `${words}\n${draft.text}`);
        field.current?.focus();
      }),
    [draft, detail.id],
  );

  const new_request = (): string =>
    crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const ask = (): void => {
    const words = draft.text;
    const pictures = draft.attachment_ids;
    const body = {
      account_id: way.account_id,
      target_post_id: way.target_post_id,
      text: words.trimEnd(),
      attachment_ids: pictures,
      request_id: new_request(),
      note: note.trim(),
    };
    draft.clear();
    images.clear();
    on_sent();
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
        if (error instanceof ApiError && error.problem.findings) checks.show(error.problem.findings, words);
        show_toast({ text: 'toast.reply_refused', tone: 'act', params: { why: words_of(error) } }, 12_000);
      });
  };
  const send = (): void => {
    if (!ready) return;
    if (by_second) {
      ask();
      return;
    }
    const request_id = new_request();
    const held_ms = (workspace?.settings.undo_send_seconds ?? 5) * 1000;
    const shown = local_post(detail, way, draft.text.trimEnd(), request_id, held_ms, me);
    const name = key.timeline(ws, detail.id);
    cache.setQueryData<Timeline>(name, (old) => add_item(old, shown));
    const body = {
      account_id: way.account_id,
      target_post_id: way.target_post_id,
      text: draft.text.trimEnd(),
      attachment_ids: draft.attachment_ids,
      request_id,
    };
    const words = draft.text;
    const pictures = draft.attachment_ids;
    draft.clear();
    images.clear();
    on_sent();
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
                </option>
              ))}
            </select>
          ) : (
            <b>{way_words(way, detail)}</b>
          )}
          {' · '}
          {way.visibility === 'private' ? (
            <span className={style.private}>
              {t('composer.readers.private', { name: detail.name || detail.handle })}
            </span>
          ) : (
            t('composer.readers.public')
          )}
        </span>
        {tabs}
      </div>
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
        <MarkedField
          ref={field}
          marks={marks_in(draft.text, checks.text, findings)}
          aria-label={t('composer.reply.label')}
          placeholder={t('composer.placeholder', { name: detail.name || at_sign(detail.handle) })}
          value={draft.text}
          onChange={(event) => {
            draft.write(event.target.value);
            on_wrote();
          }}
          onCompositionStart={() => set_composing(true)}
          onCompositionEnd={() => set_composing(false)}
          onPaste={(event) => {
            const files = [...event.clipboardData.files].filter((one) => one.type.startsWith('image/'));
            if (files.length === 0) return;
            event.preventDefault();
            images.add(files);
          }}
          onKeyDown={(event) => {
            if (!sends(event.nativeEvent, me.preferences.enter_sends ?? false)) return;
            event.preventDefault();
            send();
          }}
        />
        <ImageStrip images={images} alt_allowed={capabilities.image_alt} />
        {over && (
          <div className={`${style.hint} ${style.act}`} role="status">
            <b>{t('composer.too_long')}</b>
            {t('composer.too_long.text', { count: length - limit, network })}
          </div>
        )}
        {!empty && <Findings findings={findings} on_place={show_place} />}
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
        {!reachable && (
          <div className={style.hint} role="status">
            <b>{t('composer.offline')}</b>
            {t('composer.offline.text')}
          </div>
        )}
        <div className={style.foot}>
          {capabilities.images > 0 && (
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
          <div className={style.right}>
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
              disabled={!ready || (by_second && !reachable)}
              keys="Mod+Enter"
              onClick={send}
            >
              {t(by_second ? 'action.ask_approval' : 'action.reply')}
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
  const target = detail.conversations.find(
    (one) => one.account_id === way.account_id && one.visibility === way.visibility,
  );
  return {
    type: 'post',
    id: `local:${request_id}`,
    at,
    conversation_id: target?.id ?? detail.conversations.at(-1)?.id ?? '',
    network: network_of(way, detail),
    direction: 'out',
    reason: '',
    author: { identity_id: null, user_id: me.id, name: me.name, handle: way.account_handle, avatar_url: '' },
    text,
    marks: [],
    topics: [],
    language: '',
    url: '',
    attachments: [],
    edited_at: null,
    deleted_at: null,
    external_id: '',
    liked: null,
    reposted: null,
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
      url: '',
      created_by: me.id,
      created_at: at,
    },
  };
}
