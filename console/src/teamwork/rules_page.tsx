// Rules: what the desk does by itself; tried out before they are on, with a log of what they did.
import { useState } from 'react';
import { patch, post, remove } from '../api/client';
import { ws_path } from '../api/keys';
import type { Action, Condition, DryRun, Rule, Trigger, TriggerKind } from '../api/types';
import { words_of } from '../api/words_of';
import { at_least, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { t } from '../i18n/i18n';
import { absolute } from '../i18n/time_words';
import { Listed } from '../settings/listed';
import style from '../settings/settings.module.css';
import { useChange } from '../settings/use_change';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { Check, Choice, Field } from '../ui/field';
import { Failed, Loading, State } from '../ui/state';
import { refusal_words } from './act_preview';
import { ActionEditor, is_whole } from './action_editor';
import { ConditionEditor, is_whole_condition } from './condition_editor';
import { DocumentForm } from './document_form';
import { useRuleLog, useRules } from './queries';
import { undo_act } from './run_act';
import { Says, Steps } from './steps';
import own from './teamwork.module.css';

const triggers: TriggerKind[] = [
  'case_opened',
  'case_found',
  'customer_wrote',
  'waiting',
  'reopened',
  'resolved',
  'tagged',
  'assigned',
  'team_changed',
  'priority_changed',
  'note_added',
  'promise_warned',
  'promise_broken',
];
const trigger_words = (trigger: Trigger): string =>
  trigger.on === 'waiting'
    ? t(trigger.open_time ? 'trigger.waiting.open' : 'trigger.waiting.wall', {
        minutes: trigger.minutes ?? 0,
      })
    : trigger.on === 'tagged' && (trigger.tags ?? []).length > 0
      ? t('trigger.tagged.with', { tags: (trigger.tags ?? []).join(t('list.or')) })
      : t(`trigger.${trigger.on}`);

export function Rules() {
  const { ws, role } = useDesk();
  const rules = useRules(ws);
  const { change, busy } = useChange('rules');
  const [editing, set_editing] = useState<Rule | 'new' | null>(null);
  const [log, set_log] = useState<string | null>(null);
  const may = at_least(role, 'lead');
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.rules')}</h2>
        {may && (
          <Button look="primary" onClick={() => set_editing('new')}>
            {t('rules.add')}
          </Button>
        )}
      </div>
      <p className={style.about}>{t(may ? 'rules.page.about' : 'settings.read_only')}</p>
      <Listed of={rules} empty={<State title={t('rules.none.title')} text={t('rules.none.text')} />}>
        {(list) => (
          <div className={style.cards}>
            {list.map((rule) => (
              <article key={rule.id} className={`${style.card} ${rule.enabled ? '' : style.off}`}>
                <b>{rule.name}</b>
                <span className={style.meta}>
                  {rule.enabled ? t('documents.uses', { count: rule.uses }) : t('rules.off')}
                </span>
                <p>{trigger_words(rule.trigger)}</p>
                {rule.conditions.length > 0 && <p className={own.title}>{t('cond.title')}</p>}
                <Says of={rule.conditions} />
                <p className={own.title}>{t('acts.actions')}</p>
                <Steps of={rule.actions} />
                <div className={style.verbs}>
                  {may && (
                    <>
                      <Button
                        disabled={busy}
                        aria-pressed={rule.enabled}
                        onClick={() =>
                          void change(() =>
                            patch(ws_path(ws, `/rules/${rule.id}`), { enabled: !rule.enabled }),
                          )
                        }
                      >
                        {t(rule.enabled ? 'rules.turn_off' : 'rules.turn_on')}
                      </Button>
                      <Button onClick={() => set_editing(rule)}>{t('action.edit')}</Button>
                    </>
                  )}
                  <Button
                    aria-expanded={log === rule.id}
                    onClick={() => set_log(log === rule.id ? null : rule.id)}
                  >
                    {t('rules.log')}
                  </Button>
                  {may && (
                    <Button
                      look="quiet"
                      disabled={busy}
                      aria-label={t('action.remove_named', { name: rule.name })}
                      onClick={() => void change(() => remove(ws_path(ws, `/rules/${rule.id}`)))}
                    >
                      {t('action.remove')}
                    </Button>
                  )}
                </div>
                {log === rule.id && <Log rule={rule.id} />}
              </article>
            ))}
          </div>
        )}
      </Listed>
      {editing && <Edit rule={editing === 'new' ? null : editing} on_close={() => set_editing(null)} />}
    </>
  );
}

function Log({ rule }: { rule: string }) {
  const { ws, desk, can_act } = useDesk();
  const log = useRuleLog(ws, rule);
  if (log.isPending) return <Loading rows={2} />;
  if (log.error) return <Failed error={log.error} retry={() => void log.refetch()} />;
  if (log.data.items.length === 0) return <p className={style.about}>{t('rules.log.none')}</p>;
  return (
    <div className={own.scroll}>
      <table className={own.table}>
        <tbody>
          {log.data.items.map((act) => (
            <tr key={act.id}>
              <td className="num">{absolute(act.created_at)}</td>
              <td>
                {act.case && (
                  <Link to={inbox_path(ws, 'all', act.case.id)}>
                    #{act.case.number} {act.case.name}
                  </Link>
                )}
              </td>
              <td>
                {act.state === 'undone'
                  ? t('rules.log.undone')
                  : act.refused > 0
                    ? act.refusals[0]
                      ? refusal_words(act.refusals[0].code)
                      : t('rules.log.refused')
                    : t('rules.log.done')}
              </td>
              <td>
                {can_act && act.state === 'done' && act.done > 0 && (
                  <Button onClick={() => void undo_act(desk, act).then(() => log.refetch())}>
                    {t('action.undo')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Edit({ rule, on_close }: { rule: Rule | null; on_close: () => void }) {
  const { ws } = useDesk();
  const [trigger, set_trigger] = useState<Trigger>(rule?.trigger ?? { on: 'case_opened' });
  const [conditions, set_conditions] = useState<Condition[]>(rule?.conditions ?? []);
  const [actions, set_actions] = useState<Action[]>(rule?.actions ?? [{ do: 'add_tags', tags: [] }]);
  const [dry, set_dry] = useState<DryRun | string | null>(null);
  const whole = actions.length > 0 && actions.every(is_whole) && conditions.every(is_whole_condition);
  const body = () => ({ trigger, conditions, actions });
  const changed =
    <T,>(set: (value: T) => void) =>
    (value: T): void => {
      set_dry(null);
      set(value);
    };
  const try_out = async (): Promise<void> => {
    try {
      set_dry(await post<DryRun>(ws_path(ws, '/rules/dry-run'), { ...body(), days: 7 }));
    } catch (error) {
      set_dry(words_of(error));
    }
  };
  return (
    <DocumentForm kind="rule" of={rule} whole={whole} body={body} on_close={on_close}>
      <Choice
        label={t('rules.when')}
        value={trigger.on}
        onChange={(event) => {
          const on = event.target.value as TriggerKind;
          changed(set_trigger)(on === 'waiting' ? { on, minutes: 30, open_time: true } : { on });
        }}
      >
        {triggers.map((one) => (
          <option key={one} value={one}>
            {t(`trigger.${one}`)}
          </option>
        ))}
      </Choice>
      {trigger.on === 'waiting' && (
        <>
          <Field
            type="number"
            min={1}
            label={t('deed.minutes')}
            value={trigger.minutes ?? 30}
            onChange={(event) =>
              changed(set_trigger)({ ...trigger, minutes: Math.max(1, Number(event.target.value)) })
            }
          />
          <Check
            label={t('trigger.open_time')}
            checked={trigger.open_time ?? true}
            onChange={(event) => changed(set_trigger)({ ...trigger, open_time: event.target.checked })}
          />
        </>
      )}
      {trigger.on === 'tagged' && (
        <ChipsInput
          label={t('field.tags')}
          values={trigger.tags ?? []}
          on_change={(tags) => changed(set_trigger)({ ...trigger, tags })}
        />
      )}
      <p className={own.title}>{t('cond.title')}</p>
      <ConditionEditor rule conditions={conditions} on_change={changed(set_conditions)} />
      <p className={own.title}>{t('acts.actions')}</p>
      <ActionEditor rule actions={actions} on_change={changed(set_actions)} />
      <div className={own.row}>
        <Button disabled={!whole} onClick={() => void try_out()}>
          {t('rules.dry_run')}
        </Button>
      </div>
      {typeof dry === 'string' && <p role="alert">{dry}</p>}
      {dry !== null && typeof dry !== 'string' && (
        <div className={own.preview} aria-live="polite">
          <p>
            <b>{t('rules.dry_run.count', { count: dry.count })}</b> {t('rules.dry_run.about')}
            {!dry.complete && ` ${t('rules.dry_run.cut')}`}
          </p>
          <ul>
            {dry.items.slice(0, 10).map((one) => (
              <li key={one.case_id}>
                <span className="num">#{one.number}</span> {one.name}: {one.title}
              </li>
            ))}
            {dry.count > 10 && <li>…</li>}
          </ul>
        </div>
      )}
    </DocumentForm>
  );
}
