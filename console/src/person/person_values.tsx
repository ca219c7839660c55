// Fields of the desk's own, each changed in its place: Enter or leaving the field saves.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { patch } from '../api/client';
import { ws_path } from '../api/keys';
import type { FieldValue, Person, PersonField } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { composes } from '../keys/keymap';
import { Choice, Field } from '../ui/field';
import style from './person_card.module.css';
import { person_key, usePersonFields } from './person_data';

export function ValuesSection({ person }: { person: Person }) {
  const { ws, can_act } = useDesk();
  const fields = usePersonFields(ws).data?.fields ?? [];
  const shown = can_act ? fields : fields.filter((field) => person.values[field.id] !== undefined);
  if (shown.length === 0) return null;
  return (
    <section className={style.section} aria-label={t('card.values')}>
      <h2>{t('card.values')}</h2>
      <fieldset disabled={!can_act} className={style.values}>
        {shown.map((field) => (
          <Value key={field.id} person={person} field={field} />
        ))}
      </fieldset>
    </section>
  );
}

const types = { text: 'text', number: 'number', date: 'date', link: 'url', email: 'email', phone: 'tel' };

function Value({ person, field }: { person: Person; field: PersonField }) {
  const { ws } = useDesk();
  const cache = useQueryClient();
  const stored = person.values[field.id];
  const [text, set_text] = useState(stored === undefined ? '' : String(stored));
  const [error, set_error] = useState('');
  useEffect(() => set_text(stored === undefined ? '' : String(stored)), [stored]);
  const save = (next: string): void => {
    if (next === (stored === undefined ? '' : String(stored))) return;
    let value: FieldValue | null = next.trim();
    if (next.trim() === '') value = null;
    else if (field.kind === 'number') value = Number(next);
    else if (field.kind === 'yes_no') value = next === 'true';
    set_error('');
    patch<Person>(ws_path(ws, `/people/${person.id}`), { values: { [field.id]: value } })
      .then((saved) => cache.setQueryData(person_key(ws, person.id), saved))
      .catch((reason) => set_error(words_of(reason)));
  };
  if (field.kind === 'choice' || field.kind === 'yes_no') {
    const choices = field.kind === 'yes_no' ? ['true', 'false'] : field.choices;
    return (
      <Choice
        label={field.name}
        value={text}
        error={error || undefined}
        onChange={(event) => {
          set_text(event.target.value);
          save(event.target.value);
        }}
      >
        <option value="">{t('card.value.none')}</option>
        {/* A choice that was taken away since is still what was chosen. */}
        {(text && !choices.includes(text) ? [...choices, text] : choices).map((one) => (
          <option key={one} value={one}>
            {field.kind === 'yes_no' ? t(one === 'true' ? 'card.value.yes' : 'card.value.no') : one}
          </option>
        ))}
      </Choice>
    );
  }
  return (
    <Field
      label={field.name}
      type={types[field.kind]}
      step={field.kind === 'number' ? 'any' : undefined}
      value={text}
      error={error || undefined}
      hint={
        field.kind === 'link' && typeof stored === 'string' ? (
          <a href={stored} target="_blank" rel="noopener noreferrer nofollow">
            {t('card.value.open')}
          </a>
        ) : undefined
      }
      onChange={(event) => set_text(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !composes(event.nativeEvent)) save(text);
      }}
      onBlur={() => save(text)}
    />
  );
}
