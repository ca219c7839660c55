// What the company's own system says of the customer: as of when, asked again by a button, and why not when it fails.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '../api/client';
import { ws_path } from '../api/keys';
import type { CustomerFacts, Id } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { absolute, ago } from '../i18n/time_words';
import { useNow } from '../i18n/use_now';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import style from './person_card.module.css';
import { person_key, useCustomerFacts } from './person_data';

export function FactsSection({ person_id }: { person_id: Id }) {
  const { ws, can_act } = useDesk();
  const cache = useQueryClient();
  const now = useNow();
  const facts = useCustomerFacts(ws, person_id);
  const [asking, set_asking] = useState(false);
  const [failed, set_failed] = useState('');
  const { data } = facts;
  if (!data || data.state === 'off') return null;
  const ask = (): void => {
    set_asking(true);
    set_failed('');
    post<CustomerFacts>(ws_path(ws, `/people/${person_id}/facts/refresh`))
      .then((next) => cache.setQueryData(person_key(ws, person_id, 'facts'), next))
      .catch((error) => set_failed(words_of(error)))
      .finally(() => set_asking(false));
  };
  const busy = asking || data.state === 'busy';
  return (
    <section className={style.section} aria-label={t('card.facts')} aria-busy={busy}>
      <h2>
        {t('card.facts')}{' '}
        {data.fetched_at && (
          <span title={absolute(data.fetched_at)}>
            {t('card.facts.as_of', { time: ago(data.fetched_at, now) })}
          </span>
        )}
      </h2>
      {data.error && (
        <p className={style.problem} role="status">
          {t(`card.facts.error.${data.error.code}`)} {data.fetched_at && t('card.facts.kept')}
        </p>
      )}
      {failed && (
        <p className={style.problem} role="status">
          {failed}
        </p>
      )}
      {data.state === 'unknown' && <p className={style.none}>{t('card.facts.unknown')}</p>}
      {data.cards.map((card, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: cards have no identity of their own
        <article key={at} className={style.fact}>
          <b>{card.title}</b>
          <dl>
            {card.fields.map((field, n) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: nor have their fields
              <div key={n}>
                <dt>{field.label}</dt>
                <dd>{field.value}</dd>
              </div>
            ))}
          </dl>
          {card.links.map((link) => (
            <a key={link.url} href={link.url} target="_blank" rel="noopener noreferrer nofollow">
              {link.label}
            </a>
          ))}
        </article>
      ))}
      {can_act && (
        <Button look="quiet" disabled={busy} onClick={ask}>
          <Icon name="refresh" size={13} />
          {t(busy ? 'card.facts.asking' : 'card.facts.ask')}
        </Button>
      )}
    </section>
  );
}
