// The customer beside the case: who they are on each network, the promise, a note, earlier cases, tags.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { call, patch, post } from '../api/client';
import { ws_path } from '../api/keys';
import { useCase } from '../api/queries';
import type { CaseDetail, Id, Person } from '../api/types';
import { words_of } from '../api/words_of';
import { mark_of, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { open_picker } from '../case/picker_store';
import { show_why } from '../case/why_store';
import { network_name, t, t_or } from '../i18n/i18n';
import { absolute, clock_or_day, date, promise_words, promised_row } from '../i18n/time_words';
import { useNow } from '../i18n/use_now';
import { at_sign, compact_number } from '../inbox/row';
import { Avatar } from '../ui/avatar';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { Icon } from '../ui/icon';
import { show_toast } from '../ui/toast_store';
import { CustomerNumber } from './customer_number';
import style from './person_card.module.css';
import { CaseCount, TagsOfAll } from './person_cases';
import { person_key } from './person_data';
import { FactsSection } from './person_facts';
import { AllPosts } from './person_posts';
import { ValuesSection } from './person_values';
import { SamePersonSection, TakeOut } from './same_person';

export default function PersonCard({ case_id, on_close }: { case_id: Id; on_close: () => void }) {
  const { ws } = useDesk();
  const detail = useCase(ws, case_id).data;
  return (
    <aside className={style.card} aria-label={t('person.label')}>
      <Button look="quiet" icon className={style.close} aria-label={t('person.close')} onClick={on_close}>
        <Icon name="close" size={13} />
      </Button>
      {detail && <Card key={detail.person_id} detail={detail} />}
    </aside>
  );
}

function Card({ detail }: { detail: CaseDetail }) {
  const { ws, can_act } = useDesk();
  const cache = useQueryClient();
  const name = person_key(ws, detail.person_id);
  const person = useQuery({
    queryKey: name,
    queryFn: () => call<Person>(ws_path(ws, `/people/${detail.person_id}`)),
    initialData: detail.person,
    initialDataUpdatedAt: Date.now(),
  }).data;
  const [refreshing, set_refreshing] = useState(false);
  const refresh = (): void => {
    set_refreshing(true);
    post<Person>(ws_path(ws, `/people/${detail.person_id}/refresh`))
      .then((next) => {
        cache.setQueryData(name, next);
        const once = new Map((next.not_refreshed ?? []).map((one) => [one.network, one]));
        for (const { network, code, message } of once.values())
          show_toast({
            text: 'toast.not_refreshed',
            tone: 'plain',
            params: { network: network_name(network), why: code ? t_or(`error.${code}`, message) : message },
          });
      })
      .catch((error) =>
        show_toast({
          text: 'toast.refused',
          tone: 'plain',
          params: { why: words_of(error), number: '' },
        }),
      )
      .finally(() => set_refreshing(false));
  };
  const first = person.identities.find((one) => one.network === detail.network) ?? person.identities[0];
  return (
    <>
      <div className={style.head}>
        <Avatar name={person.name || detail.name} url={first?.avatar_url || detail.avatar_url} size="large" />
        <div>
          <b>{person.name || detail.name}</b>
          <span>
            {t('person.since', { date: date(person.created_at) })} · <CaseCount person={person} />
          </span>
        </div>
      </div>
      <ul className={style.identities}>
        {person.identities.map((one) => (
          <li key={one.id}>
            <i title={network_name(one.network)} aria-hidden="true">
              {mark_of(one.network)}
            </i>
            <div>
              {/^https?:/.test(one.url) ? (
                <a href={one.url} target="_blank" rel="noopener noreferrer nofollow">
                  {one.handle ? at_sign(one.handle) : one.name}
                </a>
              ) : one.handle ? (
                at_sign(one.handle)
              ) : (
                one.name
              )}
              <small>
                {network_name(one.network)}
                {one.followers !== null &&
                  ` · ${t('row.followers', { count: compact_number(one.followers) })}`}
                {one.relation && ` · ${t_or(`person.relation.${one.relation}`, one.relation)}`}
              </small>
              {one.bio && <p>{one.bio}</p>}
              <TakeOut person={person} identity={one.id} name={one.handle ? at_sign(one.handle) : one.name} />
            </div>
          </li>
        ))}
      </ul>
      {can_act && (
        <Button look="quiet" className={style.refresh} disabled={refreshing} onClick={refresh}>
          <Icon name="refresh" size={13} />
          {t(refreshing ? 'person.refreshing' : 'person.refresh')}
        </Button>
      )}
      <CustomerNumber person={person} />
      <PromiseSection detail={detail} />
      <NoteSection person={person} />
      <FactsSection person_id={person.id} />
      <ValuesSection person={person} />
      <GroupSection person={person} />
      <SamePersonSection person={person} />
      <section className={style.section}>
        <h2>
          {t('person.earlier')}{' '}
          {detail.earlier.length > 0 && (
            <span className="num">{t('person.cases', { count: detail.earlier.length })}</span>
          )}
        </h2>
        {detail.earlier.length === 0 ? (
          <p className={style.none}>{t('person.first_case')}</p>
        ) : (
          <ul className={style.earlier}>
            {detail.earlier.map((one) => (
              <li key={one.id}>
                <Link to={inbox_path(ws, 'all', one.id)}>{one.title || `#${one.number}`}</Link>
                <small className="num">
                  {date(one.last_post_at)} · {network_name(one.network)} · {t(`status.${one.status}`)}
                </small>
              </li>
            ))}
          </ul>
        )}
        <AllPosts person={person} />
      </section>
      <section className={style.section}>
        <h2>{t('field.tags')}</h2>
        <div className={style.tags}>
          {detail.tags.map((tag) => (
            <span key={tag}>{tag}</span>
          ))}
          {can_act && (
            <button type="button" onClick={() => open_picker('tag', [detail])}>
              {t(detail.tags.length === 0 ? 'person.add_tag' : 'person.change_tags')}
            </button>
          )}
        </div>
        <TagsOfAll person={person} />
      </section>
    </>
  );
}

function PromiseSection({ detail }: { detail: CaseDetail }) {
  const now = useNow();
  if (!detail.due_at || detail.status !== 'open') {
    if (detail.status !== 'waiting') return null;
    return (
      <section className={style.section}>
        <h2>{t('person.promise')}</h2>
        <p>{t('person.promise.waiting')}</p>
      </section>
    );
  }
  const left = promised_row({ due_at: detail.due_at, promised_from: detail.promised_from }, now);
  const params = {
    time: clock_or_day(detail.due_at, now),
    since: detail.waiting_since ? clock_or_day(detail.waiting_since, now) : '',
  };
  return (
    <section className={style.section}>
      <h2>
        {t('person.promise')} <span className={`num ${style[left.urgency]}`}>{promise_words(left)}</span>
      </h2>
      <p title={absolute(detail.due_at)}>
        {t(left.urgency === 'late' ? 'person.promise.late' : 'person.promise.text', params)}{' '}
        <Button look="quiet" onClick={() => show_why(detail.id)}>
          {t('promise.why')}
        </Button>
      </p>
    </section>
  );
}

// The desk's own groups of customers: promises may differ by them.
function GroupSection({ person }: { person: Person }) {
  const { ws, can_act } = useDesk();
  const cache = useQueryClient();
  const save = (groups: string[]): void => {
    patch<Person>(ws_path(ws, `/people/${person.id}`), { groups })
      .then((next) => cache.setQueryData(person_key(ws, person.id), next))
      .catch((error) =>
        show_toast({ text: 'toast.refused', tone: 'act', params: { why: words_of(error), number: '' } }),
      );
  };
  if (!can_act && person.groups.length === 0) return null;
  return (
    <section className={style.section}>
      <fieldset disabled={!can_act}>
        <ChipsInput
          label={t('person.groups')}
          hint={t('person.groups.hint')}
          values={person.groups}
          on_change={save}
        />
      </fieldset>
    </section>
  );
}

function NoteSection({ person }: { person: Person }) {
  const { ws, can_act } = useDesk();
  const cache = useQueryClient();
  const [text, set_text] = useState(person.note);
  const [editing, set_editing] = useState(false);
  useEffect(() => {
    if (!editing) set_text(person.note);
  }, [person.note, editing]);
  const save = (): void => {
    set_editing(false);
    if (text === person.note) return;
    patch<Person>(ws_path(ws, `/people/${person.id}`), { note: text })
      .then((next) => cache.setQueryData(person_key(ws, person.id), next))
      .catch((error) => {
        set_editing(true);
        show_toast({
          text: 'toast.refused',
          tone: 'act',
          params: { why: words_of(error), number: '' },
        });
      });
  };
  return (
    <section className={style.section}>
      <h2>{t('person.note')}</h2>
      <textarea
        className={style.note}
        aria-label={t('person.note')}
        placeholder={t('person.note.placeholder')}
        value={text}
        readOnly={!can_act}
        onFocus={() => set_editing(true)}
        onChange={(event) => set_text(event.target.value)}
        onBlur={save}
      />
    </section>
  );
}
