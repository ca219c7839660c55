// Makes an invitation link, to copy and hand over.
import { useState } from 'react';
import { post } from '../api/client';
import { ws_path } from '../api/keys';
import type { Invitation, Role } from '../api/types';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { date } from '../i18n/time_words';
import { Button } from '../ui/button';
import { CopyField } from '../ui/copy_field';
import { Dialog } from '../ui/dialog';
import { Choice, Field } from '../ui/field';
import { roles } from './roles';
import style from './settings.module.css';
import { useChange } from './use_change';

export function InviteDialog({ on_close }: { on_close: () => void }) {
  const { ws, role: mine } = useDesk();
  const { change, busy } = useChange('invitations');
  const [role, set_role] = useState<Role>('agent');
  const [email, set_email] = useState('');
  const [made, set_made] = useState<Invitation | null>(null);
  const make = (): void => {
    void change(() =>
      post<Invitation>(ws_path(ws, '/invitations'), { role, ...(email ? { email } : {}) }),
    ).then((one) => one && set_made(one));
  };
  if (made)
    return (
      <Dialog
        title={t('members.invited')}
        about={t('members.invited.about', { date: date(made.expires_at) })}
        on_close={on_close}
      >
        <CopyField label={t('members.link')} value={made.link ?? ''} />
        <div className={style.row}>
          <Button look="primary" onClick={on_close}>
            {t('action.close')}
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={t('members.invite')} about={t('members.invite.about')} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make();
        }}
      >
        <Choice
          label={t('field.role')}
          hint={t(`role.${role}.about`)}
          value={role}
          onChange={(event) => set_role(event.target.value as Role)}
        >
          {roles
            .filter((one) => mine === 'owner' || one !== 'owner')
            .map((one) => (
              <option key={one} value={one}>
                {t(`role.${one}`)}
              </option>
            ))}
        </Choice>
        <Field
          type="email"
          label={t('members.email')}
          hint={t('members.email.hint')}
          value={email}
          onChange={(event) => set_email(event.target.value)}
        />
        <div className={style.row}>
          <Button onClick={on_close}>{t('action.cancel')}</Button>
          <Button type="submit" look="primary" disabled={busy}>
            {t('members.make_link')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
