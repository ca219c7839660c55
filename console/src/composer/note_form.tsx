// A note for the team: yellow, another verb, never leaves the house.
import { useQueryClient } from '@tanstack/react-query';
import { key, ws_path } from '../api/keys';
import type { CaseDetail, NoteItem, Timeline } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { composes } from '../keys/keymap';
import { new_request, send_or_keep } from '../live/queue';
import { add_item } from '../live/timeline_merge';
import { MentionHints, useMentions } from '../teamwork/mention_hints';
import { Button } from '../ui/button';
import { show_toast } from '../ui/toast_store';
import style from './composer.module.css';
import { sends } from './send_key';
import { useDraft } from './use_draft';

export function NoteForm({
  detail,
  tabs,
  on_wrote,
}: {
  detail: CaseDetail;
  tabs: React.ReactNode;
  on_wrote: () => void;
}) {
  const { ws, me } = useDesk();
  const cache = useQueryClient();
  const draft = useDraft(ws, me.id, detail, 'note');
  const text = draft.text.trim();
  const mentions = useMentions(draft.text);
  const save = (): void => {
    if (!text) return;
    const name = key.timeline(ws, detail.id);
    const shown: NoteItem = {
      type: 'note',
      id: `local:${Date.now()}`,
      at: new Date().toISOString(),
      author: { identity_id: null, user_id: me.id, name: me.name, handle: '', avatar_url: '' },
      text,
      deleted: false,
    };
    cache.setQueryData<Timeline>(name, (old) => add_item(old, shown));
    draft.clear();
    send_or_keep<NoteItem>({
      path: ws_path(ws, `/cases/${detail.id}/notes`),
      method: 'POST',
      body: { text, request_id: new_request() },
    })
      .then(() => cache.invalidateQueries({ queryKey: name }))
      .catch((error) => {
        cache.setQueryData<Timeline>(
          name,
          (old) => old && { ...old, items: old.items.filter((item) => item.id !== shown.id) },
        );
        draft.write(text);
        show_toast({ text: 'toast.reply_refused', tone: 'act', params: { why: words_of(error) } });
      });
  };
  return (
    <>
      <div className={style.to}>
        <span className={style.where}>
          <b>{t('composer.to.note')}</b> · {t('composer.readers.note')}
        </span>
        {tabs}
      </div>
      <div className={style.box}>
        <textarea
          className={style.text}
          aria-label={t('composer.note.label')}
          placeholder={t('composer.note.placeholder')}
          value={draft.text}
          onChange={(event) => {
            draft.write(event.target.value);
            on_wrote();
          }}
          onKeyDown={(event) => {
            const [first] = mentions.names;
            if (first && event.key === 'Tab' && !event.shiftKey && !composes(event.nativeEvent)) {
              event.preventDefault();
              draft.write(mentions.take(first));
              return;
            }
            if (!sends(event.nativeEvent, me.preferences.enter_sends ?? false)) return;
            event.preventDefault();
            save();
          }}
        />
        <MentionHints names={mentions.names} on_take={(name) => draft.write(mentions.take(name))} />
        <div className={style.foot}>
          <div className={style.right}>
            {draft.text !== '' && <span className={style.saved}>{t('composer.saved')}</span>}
            <Button look="note" disabled={!text} keys="Mod+Enter" onClick={save}>
              {t('action.save_note')}
            </Button>
          </div>
        </div>
      </div>
    </>
  );
}
