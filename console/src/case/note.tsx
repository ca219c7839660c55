// A private note: yellow, for the team only.
import { useQueryClient } from '@tanstack/react-query';
import { remove } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { Id, NoteItem } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { absolute, clock_or_day } from '../i18n/time_words';
import { Icon } from '../ui/icon';
import { Marked } from '../ui/marked';
import { show_toast } from '../ui/toast_store';
import style from './note.module.css';

export function Note({ item, case_id, now }: { item: NoteItem; case_id: Id; now: number }) {
  const { ws, me, can_administer } = useDesk();
  const cache = useQueryClient();
  const may_remove =
    !item.deleted && (item.author.user_id === me.id || can_administer) && /^\d/.test(item.id);
  const drop = (): void => {
    remove(ws_path(ws, `/notes/${item.id}`))
      .then(() => cache.invalidateQueries({ queryKey: key.timeline(ws, case_id) }))
      .catch((error) =>
        show_toast({
          text: 'toast.refused',
          tone: 'act',
          params: { why: words_of(error), number: '' },
        }),
      );
  };
  if (item.deleted) return <p className={style.gone}>{t('note.deleted', { name: item.author.name })}</p>;
  return (
    <div className={style.note}>
      <div className={style.head}>
        <b>{item.author.name}</b>
        <span>{t('note.private')}</span>
        <time className="num" dateTime={item.at} title={absolute(item.at)}>
          {clock_or_day(item.at, now)}
        </time>
        {may_remove && (
          <button type="button" aria-label={t('note.delete')} title={t('note.delete')} onClick={drop}>
            <Icon name="trash" size={13} />
          </button>
        )}
      </div>
      <div className={style.text}>
        <Marked text={item.text} links />
      </div>
    </div>
  );
}
