// Who works here, in which role; and links that invite others.
import { useState } from 'react';
import { patch, remove } from '../api/client';
import { ws_path } from '../api/keys';
import { useInvitations, useMembers } from '../api/queries';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { date } from '../i18n/time_words';
import { Avatar } from '../ui/avatar';
import { Button } from '../ui/button';
import { Failed, Loading } from '../ui/state';
import { InviteDialog } from './invite_dialog';
import { roles } from './roles';
import style from './settings.module.css';
import { useChange } from './use_change';

export function Members() {
  const { ws, me, role, can_administer } = useDesk();
  const members = useMembers(ws);
  const invitations = useInvitations(ws, can_administer).data?.filter((one) => !one.used_at) ?? [];
  const { change, busy } = useChange('members', 'invitations');
  const [inviting, set_inviting] = useState(false);
  if (members.isPending) return <Loading rows={3} />;
  if (members.error) return <Failed error={members.error} retry={() => void members.refetch()} />;
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.members')}</h2>
        {can_administer && (
          <Button look="primary" onClick={() => set_inviting(true)}>
            {t('members.invite')}
          </Button>
        )}
      </div>
      <p className={style.about}>{t('members.about')}</p>
      <div className={style.scroll}>
        <table className={style.table}>
          <thead>
            <tr>
              <th>{t('field.name')}</th>
              <th>{t('field.role')}</th>
              <th>
                <span className="unseen">{t('action.more')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {members.data.map((member) => {
              // Only an owner may touch owners; nobody their own role.
              const may =
                can_administer && member.user_id !== me.id && (role === 'owner' || member.role !== 'owner');
              return (
                <tr key={member.user_id}>
                  <td>
                    <header className={style.status}>
                      <Avatar name={member.name} initials={member.initials} size="small" />
                      <span>
                        <b>{member.name}</b>{' '}
                        {member.online && <span className={style.meta}>{t('pick.online')}</span>}
                        <span className={style.meta}>{member.email}</span>
                      </span>
                    </header>
                  </td>
                  <td>
                    {may ? (
                      <select
                        aria-label={t('members.role_of', { name: member.name })}
                        value={member.role}
                        disabled={busy}
                        onChange={(event) =>
                          void change(() =>
                            patch(ws_path(ws, `/members/${member.user_id}`), { role: event.target.value }),
                          )
                        }
                      >
                        {roles
                          .filter((one) => role === 'owner' || one !== 'owner')
                          .map((one) => (
                            <option key={one} value={one}>
                              {t(`role.${one}`)}
                            </option>
                          ))}
                      </select>
                    ) : (
                      t(`role.${member.role}`)
                    )}
                  </td>
                  <td>
                    {may && (
                      <Button
                        look="quiet"
                        disabled={busy}
                        onClick={() => void change(() => remove(ws_path(ws, `/members/${member.user_id}`)))}
                      >
                        {t('members.remove')}
                      </Button>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {invitations.length > 0 && (
        <>
          <h3 className={style.sub}>{t('members.open_invitations')}</h3>
          <table className={style.table}>
            <tbody>
              {invitations.map((one) => (
                <tr key={one.id}>
                  <td>
                    {one.email || t('members.anyone')}
                    <span className={style.meta}>
                      {t('members.until', { role: t(`role.${one.role}`), date: date(one.expires_at) })}
                    </span>
                  </td>
                  <td>
                    <Button
                      look="quiet"
                      disabled={busy}
                      onClick={() => void change(() => remove(ws_path(ws, `/invitations/${one.id}`)))}
                    >
                      {t('members.withdraw')}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      {inviting && <InviteDialog on_close={() => set_inviting(false)} />}
    </>
  );
}
