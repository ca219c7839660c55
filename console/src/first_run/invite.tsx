// An invitation link: make an account, or join with the one you are signed in with.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call, post, set_csrf_token } from '../api/client';
import { key } from '../api/keys';
import { useMe } from '../api/queries';
import type { InvitationPreview, Me } from '../api/types';
import { words_of } from '../api/words_of';
import { LanguageSwitch } from '../app/door';
import { DoorFrame } from '../app/door_frame';
import { go } from '../app/router';
import { current_language, t } from '../i18n/i18n';
import { date } from '../i18n/time_words';
import { Button } from '../ui/button';
import field from '../ui/field.module.css';
import { Loading } from '../ui/state';
import { PersonFields } from './person_fields';

export default function Invite({ token }: { token: string }) {
  const cache = useQueryClient();
  const me = useMe();
  const path = `/invitations/${encodeURIComponent(token)}/accept`;
  const preview = useQuery({ queryKey: ['invitation', token], queryFn: () => call<InvitationPreview>(path) });
  const [form, set_form] = useState({ name: '', email: '', password: '' });
  const [error, set_error] = useState('');
  const [busy, set_busy] = useState(false);
  const change = (name: keyof typeof form) => (event: { target: { value: string } }) =>
    set_form({ ...form, [name]: event.target.value });
  if (preview.isPending || me.isPending) return <Loading rows={3} />;
  if (preview.error)
    return (
      <DoorFrame title={t('invite.gone.title')} about={t('invite.gone.text')}>
        <Button onClick={() => go('/')}>{t('login.title')}</Button>
      </DoorFrame>
    );
  const invitation = preview.data;
  const join = (event: FormEvent): void => {
    event.preventDefault();
    set_busy(true);
    const body = me.data
      ? {}
      : {
          name: form.name,
          email: invitation.email || form.email,
          password: form.password,
          language: current_language(),
        };
    post<Me>(path, body)
      .then((now) => {
        set_csrf_token(now.csrf_token);
        cache.setQueryData(key.me, now);
        go('/', { replace: true });
      })
      .catch((reason) => set_error(words_of(reason)))
      .finally(() => set_busy(false));
  };
  const about = t('invite.about', {
    by: invitation.invited_by,
    role: t(`role.${invitation.role}`),
    date: date(invitation.expires_at),
  });
  return (
    <DoorFrame title={t('invite.title', { name: invitation.workspace_name })} about={about}>
      <form onSubmit={join}>
        {me.data ? (
          <p className={field.field}>{t('invite.as', { name: me.data.name, email: me.data.email })}</p>
        ) : (
          <PersonFields form={form} change={change} email={invitation.email} />
        )}
        {error && <p className={field.error}>{error}</p>}
        <Button type="submit" look="primary" big disabled={busy}>
          {t('invite.button')}
        </Button>
      </form>
      <LanguageSwitch />
    </DoorFrame>
  );
}
