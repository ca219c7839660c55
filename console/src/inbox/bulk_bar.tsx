// Work on many cases at once: the same verbs as for one, with progress and undo.
import { act_with_undo, type Desk } from '../api/case_actions';
import type { CaseRow } from '../api/types';
import { useDesk } from '../app/desk';
import { open_picker } from '../case/picker_store';
import { t } from '../i18n/i18n';
import { useCommand } from '../keys/commands';
import { open_team_dialog } from '../teamwork/dialog_store';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import style from './bulk_bar.module.css';
import { selection } from './selection';

export function BulkBar({ rows, desk }: { rows: CaseRow[]; desk: Desk }) {
  const { me, can_act } = useDesk();
  const resolve = () => {
    act_with_undo(desk, rows, { kind: 'resolve' });
    selection.clear();
  };
  const mine = () => {
    act_with_undo(desk, rows, { kind: 'assign', user_id: me.id });
    selection.clear();
  };
  // While something is chosen, the keys mean the choice and not the open case.
  useCommand('resolve', resolve, can_act, 1);
  useCommand('resolve_next', resolve, can_act, 1);
  useCommand('assign', () => open_picker('assign', rows), can_act, 1);
  useCommand('assign_me', mine, can_act, 1);
  useCommand('snooze', () => open_picker('snooze', rows), can_act, 1);
  useCommand('dismiss', () => open_picker('dismiss', rows), can_act, 1);
  useCommand('watch', () => open_picker('watch', rows), can_act, 1);
  useCommand('tag', () => open_picker('tag', rows), can_act, 1);
  useCommand('macro', () => open_team_dialog('macro', rows), can_act, 1);
  return (
    <div className={style.bar} role="toolbar" aria-label={t('bulk.label')}>
      <span className="num">{t('bulk.chosen', { count: rows.length })}</span>
      <Button look="quiet" icon aria-label={t('bulk.clear')} onClick={selection.clear}>
        <Icon name="close" size={13} />
      </Button>
      {can_act && (
        <div className={style.verbs}>
          <Button onClick={() => open_picker('assign', rows)}>{t('action.assign')}</Button>
          <Button onClick={() => open_picker('snooze', rows)}>{t('action.snooze')}</Button>
          <Button onClick={() => open_picker('dismiss', rows)}>{t('action.dismiss')}</Button>
          <Button onClick={() => open_team_dialog('several', rows)}>{t('bulk.several')}</Button>
          <Button look="primary" onClick={resolve}>
            {t('action.resolve')}
          </Button>
        </div>
      )}
    </div>
  );
}
