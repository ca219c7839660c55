// Who is at a case now: faded = open elsewhere, plain = looking, ring = writing.
import type { Id } from '../api/types';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { usePresence } from '../live/presence_store';
import { Avatar } from '../ui/avatar';
import style from './presence_faces.module.css';

export function PresenceFaces({ case_id }: { case_id: Id }) {
  const { me } = useDesk();
  const here = usePresence(case_id, me.id);
  if (here.length === 0) return null;
  return (
    <span className={style.faces}>
      {here.slice(0, 4).map((one) => {
        const words = t(`presence.${one.state === 'gone' ? 'away' : one.state}`, { name: one.name });
        return (
          <span key={one.user_id} className={`${style.face} ${style[one.state]}`} title={words}>
            <Avatar name={one.name} initials={one.initials} size="small" />
            <span className="unseen">{words}</span>
          </span>
        );
      })}
    </span>
  );
}
