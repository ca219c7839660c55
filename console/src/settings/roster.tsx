// The duty roster: who is on duty in which hours of the week, who is away, and who stands in.
import { useState } from 'react';
import { put } from '../api/client';
import { ws_path } from '../api/keys';
import { useMembers, useRoster } from '../api/queries';
import type { Id, Leave, Member, OpenSpan, Roster } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { absolute } from '../i18n/time_words';
import { Button } from '../ui/button';
import { Choice, Field } from '../ui/field';
import { Failed, Loading } from '../ui/state';
import { show_toast } from '../ui/toast_store';
import style from './settings.module.css';
import { SpansField } from './spans_field';
import { useChange } from './use_change';
import { weekday_name, weekday_order } from './weekdays';

export function RosterPage() {
  const { ws } = useDesk();
  const roster = useRoster(ws);
  const members = useMembers(ws);
  if (roster.isPending || members.isPending) return <Loading rows={5} />;
  const error = roster.error ?? members.error;
  if (error || !roster.data || !members.data)
    return <Failed error={error} retry={() => void Promise.all([roster.refetch(), members.refetch()])} />;
  return <Editor saved={roster.data} members={members.data} />;
}

function Editor({ saved, members }: { saved: Roster; members: Member[] }) {
  const { ws, role } = useDesk();
  const { change, busy } = useChange('roster');
  const [draft, set_draft] = useState<Roster | null>(null);
  const may = at_least(role, 'lead');
  const shown = draft ?? saved;
  const name = (id: Id): string => members.find((one) => one.user_id === id)?.name ?? '…';
  const set = (part: Partial<Roster>): void => set_draft({ ...shown, ...part });
  const set_hours = (user_id: Id, weekday: number, spans: OpenSpan[]): void =>
    set({
      shifts: [
        ...shown.shifts.filter((one) => one.user_id !== user_id || one.weekday !== weekday),
        ...spans.map((span) => ({ user_id, weekday, day: null, ...span })),
      ],
    });
  const save = (): void => {
    const { version, time_zone, shifts, leaves } = shown;
    void change(() => put<Roster>(ws_path(ws, '/roster'), { version, time_zone, shifts, leaves })).then(
      (done) => {
        if (!done) return;
        set_draft(null);
        show_toast({ text: 'toast.saved', tone: 'plain' }, 3_000);
      },
    );
  };
  const workers = members.filter((one) => one.role !== 'viewer');
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.roster')}</h2>
      </div>
      <p className={style.about}>{t(may ? 'roster.about' : 'settings.read_only')}</p>
      <section className={style.card} aria-live="polite">
        <b>{t('roster.now')}</b>
        {saved.on_duty.length === 0 ? (
          <p className={style.meta}>{t('roster.nobody')}</p>
        ) : (
          saved.on_duty.map((one) => (
            <p key={one.user_id} className={style.meta}>
              {t(one.instead_of ? 'roster.instead' : 'roster.on_duty', {
                name: name(one.user_id),
                other: one.instead_of ? name(one.instead_of) : '',
                time: absolute(one.until),
              })}
            </p>
          ))
        )}
      </section>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <fieldset disabled={!may}>
          <h3 className={style.sub}>{t('roster.shifts')}</h3>
          <p className={style.about}>{t('roster.shifts.hint', { zone: shown.time_zone })}</p>
          <div className={style.cards}>
            {workers.map((member) => (
              <article key={member.user_id} className={style.card}>
                <b>{member.name}</b>
                <div className={style.week}>
                  {weekday_order.map((day) => (
                    <SpansField
                      key={day}
                      label={weekday_name(day)}
                      empty={t('roster.off')}
                      spans={shown.shifts
                        .filter((one) => one.user_id === member.user_id && one.weekday === day)
                        .map(({ from, to }) => ({ from, to }))}
                      on_change={(spans) => set_hours(member.user_id, day, spans)}
                    />
                  ))}
                </div>
              </article>
            ))}
          </div>
          <h3 className={style.sub}>{t('roster.leaves')}</h3>
          <p className={style.about}>{t('roster.leaves.hint')}</p>
          {shown.leaves.map((leave, at) => (
            <LeaveRow
              // biome-ignore lint/suspicious/noArrayIndexKey: everything in it may change, its place does not
              key={`${at} ${shown.leaves.length}`}
              leave={leave}
              members={workers}
              on_change={(next) => set({ leaves: shown.leaves.with(at, next) })}
              on_remove={() => set({ leaves: shown.leaves.toSpliced(at, 1) })}
            />
          ))}
          <Button
            onClick={() => {
              const today = new Date().toISOString().slice(0, 10);
              const user_id = workers[0]?.user_id ?? '';
              const fresh = { user_id, first_day: today, last_day: today, substitute_id: null, note: '' };
              set({ leaves: [...shown.leaves, fresh] });
            }}
          >
            {t('roster.leaves.add')}
          </Button>
          <div className={style.row} style={{ marginTop: 18 }}>
            {draft && <Button onClick={() => set_draft(null)}>{t('action.discard')}</Button>}
            <Button type="submit" look="primary" disabled={busy || !draft}>
              {t('action.save')}
            </Button>
          </div>
        </fieldset>
      </form>
    </>
  );
}

interface LeaveProps {
  leave: Leave;
  members: Member[];
  on_change: (leave: Leave) => void;
  on_remove: () => void;
}
function LeaveRow({ leave, members, on_change, on_remove }: LeaveProps) {
  const set = (part: Partial<Leave>): void => on_change({ ...leave, ...part });
  return (
    <div className={style.own_day}>
      <Choice
        label={t('roster.who')}
        value={leave.user_id}
        onChange={(event) => set({ user_id: event.target.value })}
      >
        {members.map((one) => (
          <option key={one.user_id} value={one.user_id}>
            {one.name}
          </option>
        ))}
      </Choice>
      <Field
        type="date"
        label={t('roster.from')}
        value={leave.first_day}
        onChange={(event) => {
          const day = event.target.value;
          if (day) set({ first_day: day, last_day: [day, leave.last_day].toSorted()[1]! });
        }}
      />
      <Field
        type="date"
        label={t('roster.to')}
        min={leave.first_day}
        value={leave.last_day}
        onChange={(event) => event.target.value && set({ last_day: event.target.value })}
      />
      <Choice
        label={t('roster.substitute')}
        value={leave.substitute_id ?? ''}
        onChange={(event) => set({ substitute_id: event.target.value || null })}
      >
        <option value="">{t('roster.substitute.none')}</option>
        {members
          .filter((one) => one.user_id !== leave.user_id)
          .map((one) => (
            <option key={one.user_id} value={one.user_id}>
              {one.name}
            </option>
          ))}
      </Choice>
      <Button look="quiet" onClick={on_remove}>
        {t('action.remove')}
      </Button>
    </div>
  );
}
