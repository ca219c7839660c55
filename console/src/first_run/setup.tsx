// The first minute: who you are, what your brand is called. The token comes from the one-time link.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, call, post, set_csrf_token } from '../api/client';
import { key } from '../api/keys';
import type { Me, SetupState } from '../api/types';
import { words_of } from '../api/words_of';
import { LanguageSwitch } from '../app/door';
import { DoorFrame } from '../app/door_frame';
import { go } from '../app/router';
import { current_language, t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Choice, Field } from '../ui/field';
import { Failed, Loading } from '../ui/state';
import style from './first_run.module.css';
import { PersonFields } from './person_fields';
import { time_zones } from './time_zones';

export default function Setup({ token }: { token: string }) {
  const cache = useQueryClient();
  const state = useQuery({ queryKey: ['setup'], queryFn: () => call<SetupState>('/setup') });
  const [step, set_step] = useState<1 | 2>(1);
  const [form, set_form] = useState({
    name: '',
    email: '',
    password: '',
    workspace_name: '',
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  const [error, set_error] = useState('');
  const [busy, set_busy] = useState(false);
  const change = (name: keyof typeof form) => (event: { target: { value: string } }) =>
    set_form({ ...form, [name]: event.target.value });
  if (state.isPending) return <Loading rows={3} />;
  if (state.error) return <Failed error={state.error} retry={() => void state.refetch()} />;
  if (!state.data.needed)
    return (
      <DoorFrame title={t('setup.done.title')} about={t('setup.done.text')}>
        <Button look="primary" big onClick={() => go('/')}>
          {t('login.title')}
        </Button>
      </DoorFrame>
    );
  if (!token)
    return (
      <DoorFrame title={t('setup.needed.title')}>
        <p>{t('setup.needed.text')}</p>
      </DoorFrame>
    );
  const next = (event: FormEvent): void => {
    event.preventDefault();
    set_error('');
    if (step === 1) {
      set_step(2);
      return;
    }
    set_busy(true);
    post<Me>('/setup', { token, language: current_language(), ...form })
      .then((me) => {
        set_csrf_token(me.csrf_token);
        cache.setQueryData(key.me, me);
        cache.removeQueries({ queryKey: ['setup'] });
        go(`/w/${me.workspaces[0]?.id ?? ''}/welcome`, { replace: true });
      })
      .catch((reason) => {
        set_error(words_of(reason));
        if (reason instanceof ApiError && ['name', 'email', 'password'].includes(reason.problem.where ?? ''))
          set_step(1);
      })
      .finally(() => set_busy(false));
  };
  return (
    <DoorFrame
      title={t(step === 1 ? 'setup.owner.title' : 'setup.brand.title')}
      about={t(step === 1 ? 'setup.owner.about' : 'setup.brand.about')}
    >
      <p className={style.steps}>{t('setup.step', { step, of: 2 })}</p>
      <form onSubmit={next} key={step}>
        {step === 1 ? (
          <PersonFields form={form} change={change} error={error || undefined} />
        ) : (
          <>
            <Field
              label={t('field.brand')}
              hint={t('field.brand.hint')}
              required
              autoFocus
              value={form.workspace_name}
              error={error || undefined}
              onChange={change('workspace_name')}
            />
            <Choice label={t('field.time_zone')} value={form.time_zone} onChange={change('time_zone')}>
              {time_zones(form.time_zone).map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </Choice>
          </>
        )}
        <div className={style.row}>
          {step === 2 && (
            <Button big onClick={() => set_step(1)}>
              {t('action.back')}
            </Button>
          )}
          <Button type="submit" look="primary" big disabled={busy}>
            {t(step === 1 ? 'action.next' : 'setup.button')}
          </Button>
        </div>
      </form>
      {step === 1 && <LanguageSwitch />}
    </DoorFrame>
  );
}
