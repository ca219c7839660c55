// One customer that the desk holds for two, and the other way round: suggestions with their reasons, joining by hand,
// taking an identity out, and every such change taken back.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post, put, remove } from '../api/client';
import { ws_path } from '../api/keys';
import type { Id, JoinedPerson, Person, SamePerson } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { network_name, t } from '../i18n/i18n';
import { date } from '../i18n/time_words';
import { at_sign } from '../inbox/row';
import { Avatar } from '../ui/avatar';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { Failed, Loading } from '../ui/state';
import { show_toast } from '../ui/toast_store';
import style from './person_card.module.css';
import { ask_people_again, useFindPeople, usePersonChanges, useSamePerson } from './person_data';

function useJoining() {
  const { ws } = useDesk();
  const cache = useQueryClient();
  const [busy, set_busy] = useState(false);
  const run = async <T,>(work: () => Promise<T>): Promise<T | undefined> => {
    set_busy(true);
    try {
      return await work();
    } catch (error) {
      show_toast({ text: 'toast.refused', tone: 'act', params: { why: words_of(error), number: '' } });
      return undefined;
    } finally {
      set_busy(false);
      ask_people_again(cache, ws);
    }
  };
  const undo = (change: Id): void => void run(() => post(ws_path(ws, `/person_changes/${change}/undo`)));
  const join = async (person: Person, other: Person): Promise<boolean> => {
    const done = await run(() =>
      post<JoinedPerson>(ws_path(ws, `/people/${person.id}/merge`), { person_id: other.id }),
    );
    if (done)
      show_toast({
        text: 'card.joined',
        tone: 'plain',
        params: { name: other.name, person: person.name },
        action: { label: 'action.undo', run: () => undo(done.change_id) },
      });
    return done !== undefined;
  };
  const take_out = async (person: Person, identity: Id, name: string): Promise<void> => {
    const done = await run(() =>
      post<JoinedPerson>(ws_path(ws, `/people/${person.id}/split`), { identity_ids: [identity] }),
    );
    if (done)
      show_toast({
        text: 'card.taken_out',
        tone: 'plain',
        params: { name },
        action: { label: 'action.undo', run: () => undo(done.change_id) },
      });
  };
  const apart = async (person: Person, other: Person): Promise<void> => {
    const path = ws_path(ws, `/people/${person.id}/apart/${other.id}`);
    const done = await run(async () => {
      await put(path, {});
      return true;
    });
    if (done)
      show_toast({
        text: 'card.apart',
        tone: 'plain',
        params: { name: other.name },
        action: { label: 'action.undo', run: () => void run(() => remove(path)) },
      });
  };
  return { busy, join, take_out, apart, undo };
}

export function TakeOut({ person, identity, name }: { person: Person; identity: Id; name: string }) {
  const { can_act } = useDesk();
  const { busy, take_out } = useJoining();
  if (!can_act || person.identities.length < 2) return null;
  return (
    <Button
      look="quiet"
      className={style.take_out}
      disabled={busy}
      aria-label={t('card.take_out.named', { name })}
      onClick={() => void take_out(person, identity, name)}
    >
      {t('card.take_out')}
    </Button>
  );
}

export function SamePersonSection({ person }: { person: Person }) {
  const { ws, can_act } = useDesk();
  const { busy, join, apart, undo } = useJoining();
  const suggestions = useSamePerson(ws, person.id).data ?? [];
  const changes = usePersonChanges(ws, person.id).data ?? [];
  const [searching, set_searching] = useState(false);
  const standing = changes.filter((change) => !change.undone_at);
  if (!can_act && standing.length === 0) return null;
  return (
    <section className={style.section} aria-label={t('card.same')}>
      <h2>{t('card.same')}</h2>
      {can_act &&
        suggestions.map((one) => (
          <article key={one.person.id} className={style.fact}>
            <Who person={one.person} />
            <p className={style.none}>{one.reasons.map(reason_words).join(t('card.reason.and'))}</p>
            <div className={style.verbs}>
              <Button
                disabled={busy}
                aria-label={t('card.join.named', { name: one.person.name })}
                onClick={() => void join(person, one.person)}
              >
                {t('card.join')}
              </Button>
              <Button
                look="quiet"
                disabled={busy}
                aria-label={t('card.not_same.named', { name: one.person.name })}
                onClick={() => void apart(person, one.person)}
              >
                {t('card.not_same')}
              </Button>
            </div>
          </article>
        ))}
      {standing.map((change) => (
        <p key={change.id} className={style.change}>
          {t(
            !change.done_by_name
              ? 'card.change.by_link'
              : change.kind === 'merge'
                ? 'card.change.merge'
                : 'card.change.split',
            {
              name: change.other_name,
              by: change.done_by_name,
              date: date(change.done_at),
            },
          )}{' '}
          {can_act && change.can_undo && (
            <Button look="quiet" disabled={busy} onClick={() => undo(change.id)}>
              {t('action.undo')}
            </Button>
          )}
        </p>
      ))}
      {can_act && (
        <Button look="quiet" onClick={() => set_searching(true)}>
          {t('card.find')}
        </Button>
      )}
      {searching && (
        <FindDialog
          person={person}
          busy={busy}
          on_join={(other) => void join(person, other).then((done) => done && set_searching(false))}
          on_close={() => set_searching(false)}
        />
      )}
    </section>
  );
}

function reason_words(reason: SamePerson['reasons'][number]): string {
  return t(`card.reason.${reason.kind}`, { text: reason.text });
}

function Who({ person }: { person: Person }) {
  return (
    <div className={style.who}>
      <Avatar name={person.name} url={person.identities[0]?.avatar_url ?? ''} size="small" />
      <div>
        <b>{person.name}</b>
        <small>
          {person.identities
            .map((one) => `${one.handle ? at_sign(one.handle) : one.name} (${network_name(one.network)})`)
            .join(' · ')}{' '}
          · {t('person.cases', { count: person.case_count })}
        </small>
      </div>
    </div>
  );
}

function FindDialog({
  person,
  busy,
  on_join,
  on_close,
}: {
  person: Person;
  busy: boolean;
  on_join: (other: Person) => void;
  on_close: () => void;
}) {
  const { ws } = useDesk();
  const [text, set_text] = useState('');
  const [query, set_query] = useState('');
  const found = useFindPeople(ws, query);
  const others = found.data?.filter((one) => one.id !== person.id) ?? [];
  return (
    <Dialog title={t('card.find')} about={t('card.find.about', { name: person.name })} on_close={on_close}>
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          set_query(text.trim());
        }}
      >
        <Field
          type="search"
          label={t('card.find.field')}
          hint={t('card.find.hint')}
          autoFocus
          value={text}
          onChange={(event) => set_text(event.target.value)}
        />
      </form>
      <div aria-live="polite">
        {found.isLoading && <Loading rows={2} />}
        {found.error && <Failed error={found.error} retry={() => void found.refetch()} />}
        {found.data && others.length === 0 && <p className={style.none}>{t('card.find.nobody')}</p>}
        {others.map((other) => (
          <article key={other.id} className={style.fact}>
            <Who person={other} />
            <Button
              disabled={busy}
              aria-label={t('card.join.named', { name: other.name })}
              onClick={() => on_join(other)}
            >
              {t('card.join')}
            </Button>
          </article>
        ))}
      </div>
    </Dialog>
  );
}
