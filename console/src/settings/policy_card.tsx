// One policy: for which cases, by which hours, and how long an answer may take.
import { useAccounts, useTopics } from '../api/queries';
import type { Priority, PromiseCalendar, PromisePolicy, PromiseTarget } from '../api/types';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { Check, Choice, Field } from '../ui/field';
import style from './settings.module.css';

interface Props {
  policy: PromisePolicy;
  calendars: PromiseCalendar[];
  last: boolean;
  on_change: (policy: PromisePolicy) => void;
  on_up?: () => void;
  on_down?: () => void;
  on_remove: () => void;
}
export const priorities: Priority[] = ['urgent', 'high', 'normal', 'low'];
const toggled = <T,>(list: T[], one: T, on: boolean): T[] =>
  on ? [...list, one] : list.filter((other) => other !== one);

export function PolicyCard({ policy, calendars, last, on_change, on_up, on_down, on_remove }: Props) {
  const set = (part: Partial<PromisePolicy>): void => on_change({ ...policy, ...part });
  const calendar = calendars.find((one) => one.key === policy.calendar);
  return (
    <article className={style.card}>
      <div className={style.two}>
        <Field
          label={t('field.name')}
          value={policy.name}
          placeholder={last ? t('promise.policy.default') : ''}
          maxLength={60}
          onChange={(event) => set({ name: event.target.value })}
        />
        <Choice
          label={t('promise.hours')}
          value={policy.calendar}
          onChange={(event) => set({ calendar: event.target.value })}
        >
          {calendars.map((one) => (
            <option key={one.key} value={one.key}>
              {one.name || t(one.always_open ? 'promise.always_open' : 'promise.hours')}
            </option>
          ))}
        </Choice>
      </div>
      {!last && <Conditions policy={policy} set={set} />}
      <Target
        kind="first_reply"
        target={policy.first_reply}
        inside_only={calendar?.always_open ?? false}
        on_change={(first_reply) => set({ first_reply })}
      />
      <Target
        kind="next_reply"
        target={policy.next_reply}
        inside_only={calendar?.always_open ?? false}
        on_change={(next_reply) => set({ next_reply })}
      />
      <Check
        label={t('promise.resolution.wanted')}
        checked={policy.resolution !== null}
        onChange={(event) =>
          set({ resolution: event.target.checked ? { inside_minutes: 1440, outside_minutes: 2880 } : null })
        }
      />
      {policy.resolution && (
        <>
          <Target
            kind="resolution"
            target={policy.resolution}
            inside_only={calendar?.always_open ?? false}
            on_change={(resolution) => set({ resolution })}
          />
          <Check
            label={t('promise.pause')}
            checked={policy.pause_while_waiting}
            onChange={(event) => set({ pause_while_waiting: event.target.checked })}
          />
        </>
      )}
      <div className={style.two}>
        {!calendar?.always_open &&
          (['inside', 'outside'] as const).map((side) => (
            <Choice
              key={side}
              label={t(`promise.count.${side}`)}
              value={policy[side]}
              onChange={(event) => set({ [side]: event.target.value })}
            >
              <option value="open">{t('promise.counting.open')}</option>
              <option value="wall">{t('promise.counting.wall')}</option>
            </Choice>
          ))}
        <Field
          type="number"
          min={0}
          max={10_080}
          label={t('promise.warn')}
          value={policy.warn_minutes}
          onChange={(event) => set({ warn_minutes: Number(event.target.value) })}
        />
      </div>
      {!last && (
        <div className={style.verbs}>
          {on_up && <Button onClick={on_up}>{t('promise.up')}</Button>}
          {on_down && <Button onClick={on_down}>{t('promise.down')}</Button>}
          <Button look="quiet" onClick={on_remove}>
            {t('action.remove')}
          </Button>
        </div>
      )}
    </article>
  );
}

interface TargetProps {
  kind: 'first_reply' | 'next_reply' | 'resolution';
  target: PromiseTarget;
  inside_only: boolean;
  on_change: (target: PromiseTarget) => void;
}
function Target({ kind, target, inside_only, on_change }: TargetProps) {
  const what = t(`promise.kind.${kind}`);
  return (
    <div className={style.two}>
      <Field
        type="number"
        min={1}
        max={527_040}
        required
        label={inside_only ? t('promise.minutes', { what }) : t('promise.minutes.inside', { what })}
        value={target.inside_minutes || ''}
        onChange={(event) => on_change({ ...target, inside_minutes: Number(event.target.value) })}
      />
      {!inside_only && (
        <Field
          type="number"
          min={1}
          max={527_040}
          required
          label={t('promise.minutes.outside', { what })}
          value={target.outside_minutes || ''}
          onChange={(event) => on_change({ ...target, outside_minutes: Number(event.target.value) })}
        />
      )}
    </div>
  );
}

function Conditions({ policy, set }: { policy: PromisePolicy; set: (part: Partial<PromisePolicy>) => void }) {
  const { ws } = useDesk();
  const accounts = (useAccounts(ws).data ?? []).filter((one) => one.kind === 'account');
  const topics = useTopics(ws).data ?? [];
  return (
    <>
      <p className={style.meta}>{t('promise.conditions')}</p>
      <div className={style.checks}>
        {priorities.map((one) => (
          <Check
            key={one}
            label={t(`priority.${one}`)}
            checked={policy.priorities.includes(one)}
            onChange={(event) => set({ priorities: toggled(policy.priorities, one, event.target.checked) })}
          />
        ))}
      </div>
      {accounts.length > 0 && (
        <div className={style.checks}>
          {accounts.map((one) => (
            <Check
              key={one.id}
              label={one.name || one.handle}
              checked={policy.accounts.includes(one.id)}
              onChange={(event) => set({ accounts: toggled(policy.accounts, one.id, event.target.checked) })}
            />
          ))}
        </div>
      )}
      {topics.length > 0 && (
        <div className={style.checks}>
          {topics.map((one) => (
            <Check
              key={one.id}
              label={t('promise.topic', { name: one.name })}
              checked={policy.topics.includes(one.id)}
              onChange={(event) => set({ topics: toggled(policy.topics, one.id, event.target.checked) })}
            />
          ))}
        </div>
      )}
      <ChipsInput
        label={t('promise.groups')}
        hint={t('promise.groups.hint')}
        values={policy.groups}
        on_change={(groups) => set({ groups })}
      />
    </>
  );
}
