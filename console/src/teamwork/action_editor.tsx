// What is to be done, one line an action.
import type { Action, ActionKind, Priority } from '../api/types';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { Choice, Field } from '../ui/field';
import { Icon } from '../ui/icon';
import { useTagSuggestions } from './queries';
import { ReceiverChoice } from './receiver_choice';
import style from './teamwork.module.css';

const for_people: ActionKind[] = [
  'assign',
  'assign_me',
  'team',
  'add_tags',
  'remove_tags',
  'priority',
  'note',
  'reply',
  'escalate',
  'snooze',
  'resolve',
  'dismiss',
  'open',
];
const for_rules: ActionKind[] = [
  ...for_people.filter((kind) => kind !== 'assign_me' && kind !== 'reply'),
  'notify',
];
const priorities: Priority[] = ['low', 'normal', 'high', 'urgent'];

const begun: Partial<Record<ActionKind, Action>> = {
  assign: { do: 'assign', user_id: null },
  team: { do: 'team', team_id: null },
  priority: { do: 'priority', priority: 'high' },
  snooze: { do: 'snooze', minutes: 60 },
  add_tags: { do: 'add_tags', tags: [] },
  remove_tags: { do: 'remove_tags', tags: [] },
};

// Can it be sent as it is?
export function is_whole(action: Action): boolean {
  switch (action.do) {
    case 'add_tags':
    case 'remove_tags':
      return (action.tags ?? []).length > 0;
    case 'note':
    case 'reply':
      return (action.text ?? '').trim() !== '';
    case 'dismiss':
      return (action.reason ?? '').trim() !== '';
    case 'escalate':
      return Boolean(action.team_id);
    case 'notify':
      return Boolean(action.team_id) || (action.user_ids ?? []).length > 0;
    case 'snooze':
      return (action.minutes ?? 0) > 0;
    default:
      return true;
  }
}

export function ActionEditor({
  actions,
  on_change,
  rule = false,
}: {
  actions: Action[];
  on_change: (actions: Action[]) => void;
  rule?: boolean;
}) {
  const kinds = rule ? for_rules : for_people;
  return (
    <div>
      {actions.map((action, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
        <div className={style.line} key={n}>
          <Choice
            label={t('acts.what', { n: n + 1 })}
            value={action.do}
            onChange={(event) => {
              const kind = event.target.value as ActionKind;
              on_change(actions.with(n, begun[kind] ?? { do: kind }));
            }}
          >
            {kinds.map((kind) => (
              <option key={kind} value={kind}>
                {t(`deed.${kind}`)}
              </option>
            ))}
          </Choice>
          <Parts action={action} on_change={(next) => on_change(actions.with(n, next))} />
          <Button
            look="quiet"
            icon
            aria-label={t('action.remove_named', { name: t(`deed.${action.do}`) })}
            onClick={() => on_change(actions.toSpliced(n, 1))}
          >
            <Icon name="close" size={13} />
          </Button>
        </div>
      ))}
      <Button onClick={() => on_change([...actions, { do: 'add_tags', tags: [] }])}>
        <Icon name="plus" size={13} /> {t('acts.add')}
      </Button>
    </div>
  );
}

function Parts({ action, on_change }: { action: Action; on_change: (action: Action) => void }) {
  const { ws } = useDesk();
  const tags = useTagSuggestions(ws, null).data ?? [];
  const kind = action.do;
  if (kind === 'assign')
    return (
      <ReceiverChoice
        label={t('deed.to')}
        teams={false}
        value={action.user_id ? `user ${action.user_id}` : ''}
        on_change={(to) => on_change({ ...action, user_id: to.split(' ')[1] ?? null })}
      />
    );
  if (kind === 'team' || kind === 'escalate')
    return (
      <>
        <ReceiverChoice
          label={t('deed.to')}
          people={false}
          value={action.team_id ? `team ${action.team_id}` : ''}
          on_change={(to) => on_change({ ...action, team_id: to.split(' ')[1] ?? null })}
        />
        {kind === 'team' ? (
          <Field
            label={t('deed.skill')}
            value={action.skill ?? ''}
            onChange={(event) => on_change({ ...action, skill: event.target.value })}
          />
        ) : (
          <Field
            label={t('escalate.note')}
            value={action.text ?? ''}
            onChange={(event) => on_change({ ...action, text: event.target.value })}
          />
        )}
      </>
    );
  if (kind === 'notify') {
    const to = action.team_id ? `team ${action.team_id}` : `user ${action.user_ids?.[0] ?? ''}`;
    return (
      <>
        <ReceiverChoice
          label={t('deed.to')}
          value={to}
          on_change={(next) => {
            const [what, id] = next.split(' ');
            on_change({
              ...action,
              team_id: what === 'team' ? id! : null,
              user_ids: what === 'user' ? [id!] : [],
            });
          }}
        />
        <Field
          label={t('deed.words')}
          value={action.text ?? ''}
          maxLength={100}
          onChange={(event) => on_change({ ...action, text: event.target.value })}
        />
      </>
    );
  }
  if (kind === 'priority')
    return (
      <Choice
        label={t('priority.title')}
        value={action.priority}
        onChange={(event) => on_change({ ...action, priority: event.target.value as Priority })}
      >
        {priorities.map((one) => (
          <option key={one} value={one}>
            {t(`priority.${one}`)}
          </option>
        ))}
      </Choice>
    );
  if (kind === 'add_tags' || kind === 'remove_tags')
    return (
      <ChipsInput
        label={t('field.tags')}
        values={action.tags ?? []}
        suggestions={tags.map((one) => one.tag)}
        on_change={(next) => on_change({ ...action, tags: next })}
      />
    );
  if (kind === 'note' || kind === 'reply')
    return (
      <textarea
        className={style.text}
        aria-label={t('deed.words')}
        value={action.text ?? ''}
        onChange={(event) => on_change({ ...action, text: event.target.value })}
      />
    );
  if (kind === 'dismiss')
    return (
      <Field
        label={t('deed.reason')}
        value={action.reason ?? ''}
        onChange={(event) => on_change({ ...action, reason: event.target.value })}
      />
    );
  if (kind === 'snooze')
    return (
      <Field
        type="number"
        min={1}
        label={t('deed.minutes')}
        value={action.minutes ?? 60}
        onChange={(event) => on_change({ ...action, minutes: Number(event.target.value) })}
      />
    );
  return <span />;
}
