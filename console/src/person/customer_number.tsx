// The customer's number at the brand: what a channel proved stands as a fact, and can be copied; anything else somebody
// at the desk writes down.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { patch } from '../api/client';
import { ws_path } from '../api/keys';
import type { Person } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { network_name, t } from '../i18n/i18n';
import { composes } from '../keys/keymap';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { announce } from '../ui/toast_store';
import style from './person_card.module.css';
import { person_key } from './person_data';

export function CustomerNumber({ person }: { person: Person }) {
  const { can_act } = useDesk();
  const proven = new Map<string, string[]>();
  for (const one of person.identities) {
    if (!one.customer_id) continue;
    const networks = proven.get(one.customer_id) ?? [];
    if (!networks.includes(network_name(one.network))) networks.push(network_name(one.network));
    proven.set(one.customer_id, networks);
  }
  const written = proven.has(person.customer_id) ? '' : person.customer_id;
  if (proven.size === 0 && !written && !can_act) return null;
  return (
    <section className={style.section} aria-label={t('person.customer_id')}>
      <h2>{t('person.customer_id')}</h2>
      {[...proven].map(([number, networks]) => (
        <Known key={number} number={number} from={networks.join(t('card.reason.and'))} />
      ))}
      {(proven.size === 0 || written) &&
        (can_act ? <Written person={person} /> : <Known number={written} from="" />)}
    </section>
  );
}

function Known({ number, from }: { number: string; from: string }) {
  const copy = (): void => {
    void navigator.clipboard?.writeText(number).then(() => announce(t('action.copied')));
  };
  return (
    <p className={style.number}>
      <b className="num">{number}</b>
      <Button look="quiet" icon aria-label={t('person.customer_id.copy')} onClick={copy}>
        <Icon name="copy" size={13} />
      </Button>
      {from && <small>{t('person.customer_id.proven', { network: from })}</small>}
    </p>
  );
}

function Written({ person }: { person: Person }) {
  const { ws } = useDesk();
  const cache = useQueryClient();
  const [text, set_text] = useState(person.customer_id);
  const [error, set_error] = useState('');
  useEffect(() => set_text(person.customer_id), [person.customer_id]);
  const save = (): void => {
    if (text.trim() === person.customer_id) return;
    set_error('');
    patch<Person>(ws_path(ws, `/people/${person.id}`), { customer_id: text.trim() })
      .then((saved) => cache.setQueryData(person_key(ws, person.id), saved))
      .catch((reason) => set_error(words_of(reason)));
  };
  return (
    <>
      <input
        className={style.written}
        aria-label={t('person.customer_id')}
        aria-invalid={error ? true : undefined}
        title={t('person.customer_id.hint')}
        placeholder={t('person.customer_id.placeholder')}
        value={text}
        maxLength={100}
        onChange={(event) => set_text(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !composes(event.nativeEvent)) save();
        }}
        onBlur={save}
      />
      {error && (
        <p className={style.problem} role="alert">
          {error}
        </p>
      )}
    </>
  );
}
