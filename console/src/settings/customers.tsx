// What the desk keeps of its customers: fields of its own, and the company's system that knows more.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call, put, remove } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { CustomerSource, FieldKind, PersonFields } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { usePersonFields } from '../person/person_data';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { Check, Choice, Field } from '../ui/field';
import { Failed, Loading } from '../ui/state';
import { show_toast } from '../ui/toast_store';
import { OnceSecrets } from './once_secrets';
import style from './settings.module.css';
import { useChange } from './use_change';

const kinds: FieldKind[] = ['text', 'number', 'date', 'yes_no', 'choice', 'link', 'email', 'phone'];

export function Customers() {
  const { ws } = useDesk();
  const fields = usePersonFields(ws);
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.customers')}</h2>
      </div>
      <p className={style.about}>{t('customers.about')}</p>
      <h3 className={style.sub}>{t('customers.fields')}</h3>
      {fields.isPending && <Loading rows={3} />}
      {fields.error && <Failed error={fields.error} retry={() => void fields.refetch()} />}
      {fields.data && <Fields key={fields.data.version} saved={fields.data} />}
      <h3 className={style.sub}>{t('customers.source')}</h3>
      <Source />
    </>
  );
}

type Draft = { id: string | null; name: string; kind: FieldKind; choices: string[] };

function Fields({ saved }: { saved: PersonFields }) {
  const { ws } = useDesk();
  const cache = useQueryClient();
  const [draft, set_draft] = useState<Draft[] | null>(null);
  const [error, set_error] = useState('');
  const { change, busy } = useChange();
  const list: Draft[] = draft ?? saved.fields;
  const set = (at: number, part: Partial<Draft>): void => set_draft(list.with(at, { ...list[at]!, ...part }));
  const save = async (): Promise<void> => {
    set_error('');
    try {
      const next = await change(
        () =>
          put<PersonFields>(ws_path(ws, '/person_fields'), {
            version: saved.version,
            fields: list.map(({ choices, ...field }) =>
              field.kind === 'choice' ? { ...field, choices } : field,
            ),
          }),
        true,
      );
      if (!next) return;
      set_draft(null);
      cache.setQueryData(key.part(ws, 'person_fields'), next);
      show_toast({ text: 'toast.saved', tone: 'plain' }, 3_000);
    } catch (reason) {
      set_error(words_of(reason));
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <p className={style.about}>{t('customers.fields.about')}</p>
      <div className={style.cards}>
        {list.map((field, at) => (
          <fieldset key={field.id ?? `new ${at}`} className={style.card} aria-label={field.name}>
            <div className={style.two}>
              <Field
                label={t('field.name')}
                required
                autoFocus={field.id === null && field.name === ''}
                value={field.name}
                onChange={(event) => set(at, { name: event.target.value })}
              />
              <Choice
                label={t('customers.kind')}
                value={field.kind}
                disabled={field.id !== null}
                onChange={(event) => set(at, { kind: event.target.value as FieldKind })}
              >
                {kinds.map((kind) => (
                  <option key={kind} value={kind}>
                    {t(`customers.kind.${kind}`)}
                  </option>
                ))}
              </Choice>
            </div>
            {field.kind === 'choice' && (
              <ChipsInput
                label={t('customers.choices')}
                hint={t('customers.choices.hint')}
                values={field.choices}
                on_change={(choices) => set(at, { choices })}
              />
            )}
            <div className={style.row}>
              {at > 0 && (
                <Button
                  look="quiet"
                  aria-label={t('customers.up.named', { name: field.name })}
                  onClick={() => set_draft(list.with(at, list[at - 1]!).with(at - 1, field))}
                >
                  {t('customers.up')}
                </Button>
              )}
              <Button
                look="quiet"
                aria-label={t('action.remove_named', { name: field.name })}
                onClick={() => set_draft(list.toSpliced(at, 1))}
              >
                {t('action.remove')}
              </Button>
            </div>
          </fieldset>
        ))}
      </div>
      {error && (
        <p className={style.about} role="alert">
          {error}
        </p>
      )}
      <div className={style.row} style={{ marginTop: 12 }}>
        <Button onClick={() => set_draft([...list, { id: null, name: '', kind: 'text', choices: [] }])}>
          {t('customers.fields.add')}
        </Button>
        {draft && <Button onClick={() => set_draft(null)}>{t('action.discard')}</Button>}
        <Button type="submit" look="primary" disabled={busy || !draft}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}

function Source() {
  const { ws } = useDesk();
  const source = useQuery({
    queryKey: key.part(ws, 'customer_source'),
    queryFn: async () =>
      (await call<{ source: CustomerSource | null }>(ws_path(ws, '/customer_source'))).source,
  });
  const [secret, set_secret] = useState('');
  if (source.isPending) return <Loading rows={2} />;
  if (source.error) return <Failed error={source.error} retry={() => void source.refetch()} />;
  return (
    <>
      <p className={style.about}>{t('customers.source.about')}</p>
      {secret && (
        <OnceSecrets secrets={[[t('customers.source.secret'), secret]]} on_close={() => set_secret('')} />
      )}
      <SourceForm key={source.data?.changed_at ?? ''} saved={source.data} on_secret={set_secret} />
    </>
  );
}

function SourceForm({
  saved,
  on_secret,
}: {
  saved: CustomerSource | null;
  on_secret: (secret: string) => void;
}) {
  const { ws } = useDesk();
  const { change, busy } = useChange('customer_source', 'person');
  const [url, set_url] = useState(saved?.url ?? '');
  const [minutes, set_minutes] = useState(saved?.keep_minutes ?? 10);
  const [enabled, set_enabled] = useState(saved?.enabled ?? true);
  const [error, set_error] = useState('');
  const save = async (new_secret: boolean): Promise<void> => {
    set_error('');
    try {
      const done = await change(
        () =>
          put<{ source: CustomerSource }>(ws_path(ws, '/customer_source'), {
            url,
            enabled,
            keep_minutes: minutes,
            ...(new_secret && { new_secret }),
          }),
        true,
      );
      if (done?.source.secret) on_secret(done.source.secret);
      if (done) show_toast({ text: 'toast.saved', tone: 'plain' }, 3_000);
    } catch (reason) {
      set_error(words_of(reason));
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save(false);
      }}
    >
      <div className={style.two}>
        <Field
          type="url"
          label={t('customers.source.url')}
          placeholder="https://"
          required
          value={url}
          error={error || undefined}
          onChange={(event) => set_url(event.target.value)}
        />
        <Field
          type="number"
          min={1}
          max={10_080}
          label={t('customers.source.keep')}
          hint={t('customers.source.keep.hint')}
          value={minutes}
          onChange={(event) => set_minutes(Number(event.target.value))}
        />
      </div>
      <Check
        label={t('customers.source.enabled')}
        checked={enabled}
        onChange={(event) => set_enabled(event.target.checked)}
      />
      <div className={style.row} style={{ marginTop: 12 }}>
        {saved && (
          <>
            <Button
              look="quiet"
              disabled={busy}
              onClick={() => void change(() => remove(ws_path(ws, '/customer_source')))}
            >
              {t('customers.source.remove')}
            </Button>
            <Button disabled={busy} onClick={() => void save(true)}>
              {t('customers.source.new_secret')}
            </Button>
          </>
        )}
        <Button type="submit" look="primary" disabled={busy}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}
