// Two people writing to one customer see each other's words.
import type { CaseDetail } from '../api/types';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { usePresence } from '../live/presence_store';
import style from './composer.module.css';

export function OthersDraft({ detail, kind }: { detail: CaseDetail; kind: 'reply' | 'note' }) {
  const { me } = useDesk();
  const writing = usePresence(detail.id, me.id).filter((one) => one.state === 'writing');
  if (writing.length === 0 || kind === 'note') return null;
  return writing.map((one) => {
    const draft = detail.drafts.find((other) => other.user_id === one.user_id && other.kind === 'reply');
    return (
      <div key={one.user_id} className={style.others} role="status">
        <b>{t('composer.other_writes', { name: one.name })}</b>
        {draft?.text && <p>{draft.text}</p>}
      </div>
    );
  });
}
