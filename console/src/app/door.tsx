// Signing in: by e-mail and password, or by a one-time link. A desk without an owner says how to begin.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { call, post, set_csrf_token } from '../api/client';
import { key } from '../api/keys';
import type { Me, SetupState } from '../api/types';
import { words_of } from '../api/words_of';
import { current_language, t, use_language } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { Loading } from '../ui/state';
import { DoorFrame } from './door_frame';
import { go } from './router';

export function Door({ link_token }: { link_token?: string }) {
  const cache = useQueryClient();
  const [email, set_email] = useState('');
  const [password, set_password] = useState('');
  const [busy, set_busy] = useState(Boolean(link_token));
  const [error, set_error] = useState('');
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => call<SetupState>('/setup') });
  const tried = useRef(false);
  const inside = (me: Me): void => {
    set_csrf_token(me.csrf_token);
    cache.setQueryData(key.me, me);
    if (window.location.pathname === '/login') go('/', { replace: true });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a link works once
  useEffect(() => {
    if (!link_token || tried.current) return;
    tried.current = true;
    post<Me>('/session/link', { token: link_token })
      .then(inside)
      .catch(() => {
        set_error(t('login.link_used'));
        window.history.replaceState(null, '', '/login');
      })
      .finally(() => set_busy(false));
  }, []);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    set_busy(true);
    set_error('');
    post<Me>('/session', { email, password })
      .then(inside)
      .catch((reason) => set_error(words_of(reason) || t('state.error.title')))
      .finally(() => set_busy(false));
  };
  if (link_token && busy) return <Loading rows={3} />;
  if (setup.data?.needed)
    return (
      <DoorFrame title={t('setup.needed.title')}>
        <p>{t('setup.needed.text')}</p>
      </DoorFrame>
    );
  return (
    <DoorFrame title={t('login.title')}>
      <form onSubmit={send}>
        <Field
          label={t('field.email')}
          type="email"
          autoComplete="username"
          required
          autoFocus
          value={email}
          onChange={(e) => set_email(e.target.value)}
        />
        <Field
          label={t('field.password')}
          type="password"
          autoComplete="current-password"
          required
          value={password}
          error={error || undefined}
          onChange={(e) => set_password(e.target.value)}
        />
        <Button type="submit" look="primary" big disabled={busy}>
          {t('login.button')}
        </Button>
      </form>
      <LanguageSwitch />
    </DoorFrame>
  );
}

export function LanguageSwitch() {
  const other = current_language() === 'ja' ? 'en' : 'ja';
  return (
    <p>
      <Button look="quiet" onClick={() => void use_language(other)}>
        <span lang={other}>{t(other === 'ja' ? 'language.ja' : 'language.en')}</span>
      </Button>
    </p>
  );
}
