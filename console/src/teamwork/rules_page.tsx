// Rules: what the desk does by itself; tried out before they are on, with a log of what they did.
import { useState } from 'react';
import { patch, post } from '../api/client';
import { ws_path } from '../api/keys';
import type { Action, Condition, DryRun, Id, Rule, Trigger, TriggerKind } from '../api/types';
import { words_of } from '../api/words_of';
import { at_least, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { t } from '../i18n/i18n';
import { absolute } from '../i18n/time_words';
import style from '../settings/settings.module.css';
import { useChange } from '../settings/use_change';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { Check, Choice, Field } from '../ui/field';
import { ActLog } from './act_log';
import { ActionEditor, is_whole } from './action_editor';
import { ConditionEditor, is_whole_condition } from './condition_editor';
import { DocumentForm } from './document_form';
import { DocumentPage } from './document_page';
import { useRules } from './queries';
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
  const { change, busy } = useChange('rules');
  const [log, set_log] = useState<Id | null>(null);
  const lead = at_least(role, 'lead');
  return (
    <DocumentPage<Rule>
      kind="rule"
      of={useRules(ws)}
      about={t(lead ? 'rules.page.about' : 'settings.read_only')}
      may_add={lead}
      off={(rule) => !rule.enabled}
      card={(rule) => (
        <>
          {!rule.enabled && <span className={style.meta}>{t('rules.off')}</span>}
          <p>{trigger_words(rule.trigger)}</p>
          {rule.conditions.length > 0 && <p className={own.title}>{t('cond.title')}</p>}
          <Says of={rule.conditions} />
          <p className={own.title}>{t('acts.actions')}</p>
          <Steps of={rule.actions} />
        </>
      )}
      verbs={(rule, may) => (
        <>
          {may && (
            <Button
              disabled={busy}
              aria-pressed={rule.enabled}
              onClick={() =>
                void change(() => patch(ws_path(ws, `/rules/${rule.id}`), { enabled: !rule.enabled }))
              }
            >
              {t(rule.enabled ? 'rules.turn_off' : 'rules.turn_on')}
            </Button>
          )}
          <Button aria-expanded={log === rule.id} onClick={() => set_log(log === rule.id ? null : rule.id)}>
            {t('rules.log', { count: rule.uses })}
          </Button>
        </>
      )}
      below={(rule) => log === rule.id && <ActLog of={`rule_id=${rule.id}`} none={t('rules.log.none')} />}
      edit={(rule, on_close) => <Edit rule={rule} on_close={on_close} />}
    />
  );
}

function Edit({ rule, on_close }: { rule: Rule | null; on_close: () => void }) {
  const { ws } = useDesk();
  const [trigger, set_trigger] = useState<Trigger>(rule?.trigger ?? { on: 'case_opened' });
  const [conditions, set_conditions] = useState<Condition[]>(rule?.conditions ?? []);
  const [actions, set_actions] = useState<Action[]>(rule?.actions ?? [{ do: 'add_tags', tags: [] }]);
  const [dry, set_dry] = useState<DryRun | string | null>(null);
  const [days, set_days] = useState(7);
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
      set_dry(await post<DryRun>(ws_path(ws, '/rules/dry-run'), { ...body(), days }));
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
        <Choice
          label={t('rules.dry_run.days')}
          value={days}
          onChange={(event) => changed(set_days)(Number(event.target.value))}
        >
          {[1, 3, 7, 14, 30].map((one) => (
            <option key={one} value={one}>
              {t('rules.dry_run.last', { count: one })}
            </option>
          ))}
        </Choice>
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
          <ul className={own.tall}>
            {dry.items.map((one) => (
              <li key={one.case_id}>
                <Link to={inbox_path(ws, 'all', one.case_id)}>
                  <span className="num">#{one.number}</span> {one.name}
                </Link>{' '}
                <span className="num">{absolute(one.at)}</span> {one.title}
              </li>
            ))}
            {dry.count > dry.items.length && (
              <li>{t('acts.and_more', { count: dry.count - dry.items.length })}</li>
            )}
          </ul>
        </div>
      )}
    </DocumentForm>
  );
}
