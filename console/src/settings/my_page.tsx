// My own settings: name, initials, language, theme, density, the Enter key, the password.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '../api/client';
import { save_me } from '../api/me_actions';
import type { Language, Preferences } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Check, Choice, Field } from '../ui/field';
import { show_toast } from '../ui/toast_store';
import style from './settings.module.css';

export function MyPage() {
  const { me } = useDesk();
  const cache = useQueryClient();
  const [name, set_name] = useState(me.name);
  const [initials, set_initials] = useState(me.initials);
  const prefer = (change: Partial<Preferences>) =>
    void save_me(cache, { preferences: { ...me.preferences, ...change } });
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.me')}</h2>
      </div>
      <p className={style.about}>{me.email}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save_me(cache, { name, initials }).then(() =>
            show_toast({ text: 'toast.saved', tone: 'plain' }, 3_000),
          );
        }}
      >
        <div className={style.two}>
          <Field
            label={t('field.name')}
            required
            value={name}
            onChange={(event) => set_name(event.target.value)}
          />
          <Field
            label={t('field.initials')}
            hint={t('field.initials.hint')}
            maxLength={4}
            value={initials}
            onChange={(event) => set_initials(event.target.value)}
          />
        </div>
        <div className={`${style.row} ${style.start}`}>
          <Button type="submit" disabled={name === me.name && initials === me.initials}>
            {t('action.save')}
          </Button>
        </div>
      </form>
      <h3 className={style.sub}>{t('me.display')}</h3>
      <div className={style.two}>
        <Choice
          label={t('field.language')}
          value={me.language}
          onChange={(event) => void save_me(cache, { language: event.target.value as Language })}
        >
          <option value="ja">{t('language.ja')}</option>
          <option value="en">{t('language.en')}</option>
        </Choice>
        <Choice
          label={t('field.theme')}
          value={me.preferences.theme ?? 'system'}
          onChange={(event) => prefer({ theme: event.target.value as 'system' })}
        >
          {(['system', 'light', 'dark'] as const).map((one) => (
            <option key={one} value={one}>
              {t(`theme.${one}`)}
            </option>
          ))}
        </Choice>
        <Choice
          label={t('field.density')}
          value={me.preferences.density ?? 'comfortable'}
          onChange={(event) => prefer({ density: event.target.value as 'compact' })}
        >
          {(['comfortable', 'compact'] as const).map((one) => (
            <option key={one} value={one}>
              {t(`density.${one}`)}
            </option>
          ))}
        </Choice>
      </div>
      <Check
        label={t('field.enter_sends')}
        hint={t('field.enter_sends.hint')}
        checked={me.preferences.enter_sends ?? false}
        onChange={(event) => prefer({ enter_sends: event.target.checked })}
      />
      <Password />
    </>
  );
}

function Password() {
  const [current, set_current] = useState('');
  const [next, set_next] = useState('');
  const [error, set_error] = useState('');
  const save = (): void => {
    set_error('');
    post('/me/password', { current, new: next })
      .then(() => {
        set_current('');
        set_next('');
        show_toast({ text: 'toast.password', tone: 'plain' });
      })
      .catch((reason) => set_error(words_of(reason)));
  };
  return (
    <>
      <h3 className={style.sub}>{t('me.password')}</h3>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <div className={style.two}>
          <Field
            type="password"
            label={t('field.password.current')}
            autoComplete="current-password"
            required
            value={current}
            error={error || undefined}
            onChange={(event) => set_current(event.target.value)}
          />
          <Field
            type="password"
            label={t('field.password.new')}
            autoComplete="new-password"
            required
            minLength={10}
            hint={t('field.password.hint')}
            value={next}
            onChange={(event) => set_next(event.target.value)}
          />
        </div>
        <Button type="submit">{t('me.password.button')}</Button>
      </form>
    </>
  );
}
