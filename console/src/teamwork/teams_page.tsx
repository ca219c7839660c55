// Teams, and what their members can do and how much: for everybody to see, for a lead to change.
import { useState } from 'react';
import { patch, post, put, remove } from '../api/client';
import { ws_path } from '../api/keys';
import { useMembers } from '../api/queries';
import type { Member, MemberWork, Team } from '../api/types';
import { words_of } from '../api/words_of';
import { at_least, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path, settings_path } from '../app/router';
import { plain_number, t } from '../i18n/i18n';
import { absolute } from '../i18n/time_words';
import style from '../settings/settings.module.css';
import { useChange } from '../settings/use_change';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { Dialog } from '../ui/dialog';
import { Check, Choice, Field } from '../ui/field';
import { Failed, Loading, State } from '../ui/state';
import { useTeams } from './queries';
import own from './teamwork.module.css';

export function TeamsPage() {
  const { ws, me, role } = useDesk();
  const teams = useTeams(ws);
  const members = useMembers(ws).data ?? [];
  const { change, busy } = useChange('teams');
  const [editing, set_editing] = useState<Team | 'new' | null>(null);
  const [working, set_working] = useState<MemberWork | null>(null);
  const may = at_least(role, 'lead');
  if (teams.isPending) return <Loading rows={4} />;
  if (teams.error) return <Failed error={teams.error} retry={() => void teams.refetch()} />;
  const { items, work, claim_on_open } = teams.data;
  const name = (id: string): string => members.find((one) => one.user_id === id)?.name ?? '…';
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.teams')}</h2>
        {may && (
          <Button look="primary" onClick={() => set_editing('new')}>
            {t('teams.add')}
          </Button>
        )}
      </div>
      <p className={style.about}>{t(may ? 'teams.about' : 'settings.read_only')}</p>
      {items.length === 0 ? (
        <State title={t('teams.none.title')} text={t('teams.none.text')} />
      ) : (
        <div className={style.cards}>
          {items.map((team) => (
            <article key={team.id} className={style.card}>
              <b>{team.name}</b>
              <span className={style.meta}>
                <Link to={inbox_path(ws, `team:${team.id}`)} className={own.number}>
                  {t('teams.open_cases', { count: team.open_cases })}
                </Link>{' '}
                · {t(`teams.${team.assigning}`)} ·{' '}
                {t('teams.escalation', { minutes: team.escalation_minutes })}
              </span>
              <div className={style.chips}>
                {team.member_ids.map((id) => (
                  <span key={id}>{name(id)}</span>
                ))}
              </div>
              {may && (
                <div className={style.verbs}>
                  <Button onClick={() => set_editing(team)}>{t('action.edit')}</Button>
                  <Button
                    look="quiet"
                    disabled={busy}
                    aria-label={t('action.remove_named', { name: team.name })}
                    onClick={() => void change(() => remove(ws_path(ws, `/teams/${team.id}`)))}
                  >
                    {t('action.remove')}
                  </Button>
                </div>
              )}
            </article>
          ))}
        </div>
      )}
      <h3 className={style.sub}>{t('teams.work')}</h3>
      <p className={style.about}>
        {t('teams.work.about')} <Link to={settings_path(ws, 'roster')}>{t('settings.roster')}</Link>
      </p>
      <div className={own.scroll}>
        <table className={own.table}>
          <thead>
            <tr>
              <th>{t('field.name')}</th>
              <th>{t('teams.load')}</th>
              <th>{t('teams.skills')}</th>
              <th>{t('teams.languages')}</th>
              <th>{t('teams.away')}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {work.map((one) => (
              <tr key={one.user_id}>
                <th scope="row">{name(one.user_id)}</th>
                <td className="num">
                  <Link to={inbox_path(ws, `member:${one.user_id}`)} className={own.number}>
                    {one.capacity > 0
                      ? t('teams.load.of', { open: one.open_cases, capacity: one.capacity })
                      : plain_number(one.open_cases)}
                  </Link>
                </td>
                <td>{one.skills.join(t('list.comma'))}</td>
                <td>
                  {one.languages.length === 0
                    ? t('teams.languages.all')
                    : one.languages.join(t('list.comma'))}
                </td>
                <td>
                  {one.away_until
                    ? t('teams.away.until', { time: absolute(one.away_until) })
                    : one.away
                      ? t('teams.away.roster')
                      : ''}
                  {one.away &&
                    one.substitute_id &&
                    ` · ${t('teams.substitute.is', { name: name(one.substitute_id) })}`}
                </td>
                <td>
                  {(may || one.user_id === me.id) && (
                    <Button
                      aria-label={t('teams.work.edit', { name: name(one.user_id) })}
                      onClick={() => set_working(one)}
                    >
                      {t('action.edit')}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h3 className={style.sub}>{t('teams.claim')}</h3>
      <Check
        label={t('teams.claim.label')}
        hint={t('teams.claim.hint')}
        disabled={!may || busy}
        checked={claim_on_open}
        onChange={(event) =>
          void change(() => put(ws_path(ws, '/team_settings'), { claim_on_open: event.target.checked }))
        }
      />
      {editing && (
        <TeamDialog
          team={editing === 'new' ? null : editing}
          members={members}
          on_close={() => set_editing(null)}
        />
      )}
      {working && (
        <WorkDialog
          work={working}
          name={name(working.user_id)}
          members={members}
          may={may}
          on_close={() => set_working(null)}
        />
      )}
    </>
  );
}

function TeamDialog({
  team,
  members,
  on_close,
}: {
  team: Team | null;
  members: Member[];
  on_close: () => void;
}) {
  const { ws } = useDesk();
  const { change, busy } = useChange('teams');
  const [draft, set_draft] = useState({
    name: team?.name ?? '',
    assigning: team?.assigning ?? 'by_hand',
    escalation_minutes: team?.escalation_minutes ?? 480,
    member_ids: team?.member_ids ?? [],
  });
  const [error, set_error] = useState('');
  const save = async (): Promise<void> => {
    try {
      await change(
        () => (team ? patch(ws_path(ws, `/teams/${team.id}`), draft) : post(ws_path(ws, '/teams'), draft)),
        true,
      );
      on_close();
    } catch (reason) {
      set_error(words_of(reason));
    }
  };
  return (
    <Dialog title={team ? t('teams.edit') : t('teams.add')} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field
          label={t('field.name')}
          required
          autoFocus
          maxLength={60}
          value={draft.name}
          error={error || undefined}
          onChange={(event) => set_draft({ ...draft, name: event.target.value })}
        />
        <Choice
          label={t('teams.assigning')}
          hint={t('teams.assigning.hint')}
          value={draft.assigning}
          onChange={(event) => set_draft({ ...draft, assigning: event.target.value as Team['assigning'] })}
        >
          <option value="by_hand">{t('teams.by_hand')}</option>
          <option value="by_load">{t('teams.by_load')}</option>
        </Choice>
        <Field
          type="number"
          min={1}
          label={t('teams.escalation.label')}
          hint={t('teams.escalation.hint')}
          value={draft.escalation_minutes}
          onChange={(event) => set_draft({ ...draft, escalation_minutes: Number(event.target.value) })}
        />
        <p className={own.title}>{t('settings.members')}</p>
        <div className={own.checks}>
          {members
            .filter((member) => member.role !== 'viewer')
            .map((member) => (
              <Check
                key={member.user_id}
                label={member.name}
                checked={draft.member_ids.includes(member.user_id)}
                onChange={(event) =>
                  set_draft({
                    ...draft,
                    member_ids: event.target.checked
                      ? [...draft.member_ids, member.user_id]
                      : draft.member_ids.filter((id) => id !== member.user_id),
                  })
                }
              />
            ))}
        </div>
        <div className={own.row}>
          <Button onClick={on_close}>{t('action.cancel')}</Button>
          <Button type="submit" look="primary" disabled={busy}>
            {t('action.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

// "2026-11-22T09:00" on this machine's clock, as the browser's field has it.
const local = (time: string | null): string => {
  if (!time) return '';
  const at = new Date(time);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

function WorkDialog({
  work,
  name,
  members,
  may,
  on_close,
}: {
  work: MemberWork;
  name: string;
  members: Member[];
  may: boolean;
  on_close: () => void;
}) {
  const { ws } = useDesk();
  const { change, busy } = useChange('teams');
  const [draft, set_draft] = useState(work);
  const [error, set_error] = useState('');
  const save = async (): Promise<void> => {
    const { capacity, skills, languages, away_until, substitute_id } = draft;
    try {
      await change(
        () =>
          patch(ws_path(ws, `/work/${work.user_id}`), {
            away_until,
            substitute_id,
            ...(may ? { capacity, skills, languages } : {}),
          }),
        true,
      );
      on_close();
    } catch (reason) {
      set_error(words_of(reason));
    }
  };
  return (
    <Dialog title={t('teams.work.edit', { name })} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {may && (
          <>
            <Field
              type="number"
              min={0}
              max={10_000}
              label={t('teams.capacity')}
              hint={t('teams.capacity.hint')}
              value={draft.capacity}
              onChange={(event) => set_draft({ ...draft, capacity: Number(event.target.value) })}
            />
            <ChipsInput
              label={t('teams.skills')}
              hint={t('teams.skills.hint')}
              values={draft.skills}
              on_change={(skills) => set_draft({ ...draft, skills })}
            />
            <ChipsInput
              label={t('teams.languages')}
              hint={t('teams.languages.hint')}
              values={draft.languages}
              suggestions={['ja', 'en']}
              on_change={(languages) => set_draft({ ...draft, languages })}
            />
          </>
        )}
        <Field
          type="datetime-local"
          label={t('teams.away.label')}
          hint={t('teams.away.hint')}
          value={local(draft.away_until)}
          onChange={(event) =>
            set_draft({
              ...draft,
              away_until: event.target.value ? new Date(event.target.value).toISOString() : null,
            })
          }
        />
        <Choice
          label={t('teams.substitute')}
          value={draft.substitute_id ?? ''}
          onChange={(event) => set_draft({ ...draft, substitute_id: event.target.value || null })}
        >
          <option value="">{t('roster.substitute.none')}</option>
          {members
            .filter((one) => one.user_id !== work.user_id && one.role !== 'viewer')
            .map((one) => (
              <option key={one.user_id} value={one.user_id}>
                {one.name}
              </option>
            ))}
        </Choice>
        {error && <p role="alert">{error}</p>}
        <div className={own.row}>
          <Button onClick={on_close}>{t('action.cancel')}</Button>
          <Button type="submit" look="primary" disabled={busy}>
            {t('action.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
