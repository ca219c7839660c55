// Work on many cases at once: the same verbs as for one, with progress and undo. Or on all that stand in the list,
// loaded or not: looked at first, because nobody has seen them one by one.
import { act_with_undo, type Desk } from '../api/case_actions';
import type { Action, CaseRow } from '../api/types';
import { useDesk } from '../app/desk';
import { open_picker } from '../case/picker_store';
import { t } from '../i18n/i18n';
import { type CommandId, useCommand } from '../keys/commands';
import { open_team_dialog, type WholeList } from '../teamwork/dialog_store';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import style from './bulk_bar.module.css';
import { selection } from './selection';

interface Props {
  rows: CaseRow[];
  desk: Desk;
  list: WholeList;
  all: boolean; // the whole list is meant
  more: boolean; // there is more than what is chosen
}
type Verb = readonly [CommandId, () => void];

export function BulkBar({ rows, desk, list, all, more }: Props) {
  const { me, can_act } = useDesk();
  const whole = (first: Action) => () => open_team_dialog('several', list, first);
  const now = (action: Parameters<typeof act_with_undo>[2]) => () => {
    act_with_undo(desk, rows, action);
    selection.clear();
  };
  const resolve = all ? whole({ do: 'resolve' }) : now({ kind: 'resolve' });
  const assign = all ? whole({ do: 'assign', user_id: null }) : () => open_picker('assign', rows);
  const snooze = all ? whole({ do: 'snooze', minutes: 60 }) : () => open_picker('snooze', rows);
  const dismiss = all ? whole({ do: 'dismiss', reason: '' }) : () => open_picker('dismiss', rows);
  const verbs: Verb[] = [
    ['resolve', resolve],
    ['resolve_next', resolve],
    ['assign', assign],
    ['assign_me', all ? whole({ do: 'assign_me' }) : now({ kind: 'assign', user_id: me.id })],
    ['snooze', snooze],
    ['dismiss', dismiss],
    // Of several, each keeps its own: what is chosen is added.
    [
      'tag',
      all || rows.length > 1
        ? () => open_team_dialog('several', all ? list : rows, { do: 'add_tags', tags: [] })
        : () => open_picker('tag', rows),
    ],
    ['macro', () => open_team_dialog('macro', all ? list : rows)],
    // Nothing that is done to a whole list; and the open case is not meant.
    ['watch', all ? () => undefined : () => open_picker('watch', rows)],
  ];
  return (
    <div className={style.bar} role="toolbar" aria-label={t('bulk.label')}>
      {can_act && verbs.map(([id, run]) => <While key={id} id={id} run={run} />)}
      <span className="num" role="status">
        {all ? t('bulk.all_chosen', { view: list.name }) : t('bulk.chosen', { count: rows.length })}
      </span>
      {!all && more && can_act && (
        <Button look="quiet" keys="Shift+X" onClick={selection.all}>
          {t('bulk.all')}
        </Button>
      )}
      <Button look="quiet" icon aria-label={t('bulk.clear')} onClick={selection.clear}>
        <Icon name="close" size={13} />
      </Button>
      {can_act && (
        <div className={style.verbs}>
          <Button onClick={assign}>{t('action.assign')}</Button>
          <Button onClick={snooze}>{t('action.snooze')}</Button>
          <Button onClick={dismiss}>{t('action.dismiss')}</Button>
          <Button onClick={() => open_team_dialog('several', all ? list : rows)}>{t('bulk.several')}</Button>
          <Button look="primary" onClick={resolve}>
            {t('action.resolve')}
          </Button>
        </div>
      )}
    </div>
  );
}

// While something is chosen, the keys mean the choice and not the open case.
function While({ id, run }: { id: CommandId; run: () => void }) {
  useCommand(id, run, true, 1);
  return null;
}
