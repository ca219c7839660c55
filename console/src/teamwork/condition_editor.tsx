// Which cases: one line a condition; all must hold, each by any of its values.
import { useAccounts, useMembers, useTopics } from '../api/queries';
import type { Condition, ConditionField } from '../api/types';
import { useDesk } from '../app/desk';
import { network_name, t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { Check, Choice } from '../ui/field';
import { Icon } from '../ui/icon';
import { useTagSuggestions, useTeams } from './queries';
import style from './teamwork.module.css';
import { useNames } from './use_names';
import { value_words } from './words';

const named: Partial<Record<ConditionField, string[]>> = {
  status: ['open', 'waiting', 'snoozed', 'found', 'resolved', 'dismissed'],
  origin: ['addressed', 'found'],
  kind: ['question', 'complaint', 'praise', 'wish', 'purchase', 'chatter', 'noise'],
  feeling: ['bad', 'neutral', 'good'],
  harm: ['danger', 'legal', 'money'],
  urgency: ['1', '2', '3'],
  reach: ['1', '2', '3'],
  priority: ['low', 'normal', 'high', 'urgent'],
  due: ['overdue', 'soon'],
  hours: ['inside', 'outside'],
  language: ['ja', 'en'],
};
const fields: ConditionField[] = [
  'status',
  'network',
  'account',
  'topic',
  'language',
  'kind',
  'feeling',
  'harm',
  'urgency',
  'reach',
  'priority',
  'group',
  'tag',
  'assignee',
  'team',
  'follower',
  'due',
  'hours',
  'text',
  'origin',
];
export const is_whole_condition = (condition: Condition): boolean => condition.values.length > 0;

export function ConditionEditor({
  conditions,
  on_change,
  rule = false,
}: {
  conditions: Condition[];
  on_change: (conditions: Condition[]) => void;
  rule?: boolean;
}) {
  return (
    <div>
      {conditions.map((condition, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
        <div className={style.line} key={n}>
          <Choice
            label={t('cond.what', { n: n + 1 })}
            value={condition.field}
            onChange={(event) =>
              on_change(conditions.with(n, { field: event.target.value as ConditionField, values: [] }))
            }
          >
            {fields.map((field) => (
              <option key={field} value={field}>
                {t(`cond.${field}`)}
              </option>
            ))}
          </Choice>
          <Choice
            label={t('cond.how')}
            value={condition.not ? 'not' : ''}
            onChange={(event) =>
              on_change(conditions.with(n, { ...condition, not: event.target.value === 'not' }))
            }
          >
            <option value="">{t('cond.one_of')}</option>
            <option value="not">{t('cond.none_of')}</option>
          </Choice>
          <Values
            condition={condition}
            rule={rule}
            on_change={(values) => on_change(conditions.with(n, { ...condition, values }))}
          />
          <Button
            look="quiet"
            icon
            aria-label={t('action.remove_named', { name: t(`cond.${condition.field}`) })}
            onClick={() => on_change(conditions.toSpliced(n, 1))}
          >
            <Icon name="close" size={13} />
          </Button>
        </div>
      ))}
      <Button onClick={() => on_change([...conditions, { field: 'tag', values: [] }])}>
        <Icon name="plus" size={13} /> {t('cond.add')}
      </Button>
    </div>
  );
}

function Values({
  condition,
  on_change,
  rule,
}: {
  condition: Condition;
  on_change: (values: string[]) => void;
  rule: boolean;
}) {
  const { ws } = useDesk();
  const names = useNames();
  const accounts = useAccounts(ws).data ?? [];
  const topics = useTopics(ws).data ?? [];
  const members = useMembers(ws).data ?? [];
  const teams = useTeams(ws).data?.items ?? [];
  const tags = useTagSuggestions(ws, null).data ?? [];
  const { field, values } = condition;
  const mine = (word: string): string[] => (rule ? [] : [word]);
  let choices = named[field];
  if (field === 'network') choices = [...new Set(accounts.map((account) => account.network))];
  if (field === 'account') choices = accounts.map((account) => account.id);
  if (field === 'topic') choices = topics.map((topic) => topic.id);
  if (field === 'assignee') choices = [...mine('me'), 'nobody', ...members.map((one) => one.user_id)];
  if (field === 'follower') choices = [...mine('me'), ...members.map((one) => one.user_id)];
  if (field === 'team') choices = [...mine('mine'), 'none', ...teams.map((one) => one.id)];
  const words = (value: string): string => {
    if (field === 'account') {
      const account = accounts.find((one) => one.id === value);
      return account ? `${network_name(account.network)} ${account.handle || account.name}` : '…';
    }
    return value_words(condition, value, names);
  };
  if (!choices)
    return (
      <ChipsInput
        label={t('cond.values')}
        values={values}
        suggestions={field === 'tag' ? tags.map((one) => one.tag) : []}
        on_change={on_change}
      />
    );
  return (
    <fieldset className={style.checks} aria-label={t('cond.values')}>
      {choices.map((value) => (
        <Check
          key={value}
          label={words(value)}
          checked={values.includes(value)}
          onChange={(event) =>
            on_change(event.target.checked ? [...values, value] : values.filter((one) => one !== value))
          }
        />
      ))}
    </fieldset>
  );
}
