// The keys and commands that work on the open case.
import { useQueryClient } from '@tanstack/react-query';
import { act_with_undo } from '../api/case_actions';
import type { CaseDetail, Id } from '../api/types';
import { useDesk } from '../app/desk';
import { run_command, useCommand } from '../keys/commands';
import { find_row } from '../live/apply';
import { open_team_dialog } from '../teamwork/dialog_store';
import { useFollowing } from '../teamwork/use_following';
import { open_picker } from './picker_store';
import { usePositive } from './use_positive';

export function useCaseCommands(case_id: Id, detail: CaseDetail | undefined): void {
  const { desk, me, ws, can_act } = useDesk();
  const cache = useQueryClient();
  // The list's row is enough to act on, also before (or without) the whole case.
  const known = detail ?? find_row(cache, ws, case_id);
  const on = can_act && known !== undefined;
  usePositive(detail);
  const row = () => find_row(cache, ws, case_id) ?? known!;
  const live = known?.status !== 'resolved' && known?.status !== 'dismissed';
  useCommand('resolve', () => act_with_undo(desk, [row()], { kind: 'resolve' }), on && live);
  useCommand(
    'resolve_next',
    () => {
      const done = row();
      run_command('next');
      act_with_undo(desk, [done], { kind: 'resolve' });
    },
    on && live,
  );
  useCommand('assign', () => open_picker('assign', [row()]), on);
  useCommand(
    'assign_me',
    () => act_with_undo(desk, [row()], { kind: 'assign', user_id: me.id }),
    on && known?.assignee_id !== me.id,
  );
  useCommand('snooze', () => open_picker('snooze', [row()]), on);
  useCommand('dismiss', () => open_picker('dismiss', [row()]), on && live);
  useCommand('watch', () => open_picker('watch', [row()]), on && live);
  useCommand('opinion', () => open_picker('opinion', [row()]), on && live);
  useCommand('tag', () => open_picker('tag', [row()]), on);
  const following = useFollowing(case_id);
  useCommand('macro', () => open_team_dialog('macro', [row()]), on);
  useCommand('hand_over', () => open_team_dialog('hand_over', [row()]), on);
  useCommand('escalate', () => open_team_dialog('escalate', [row()]), on);
  useCommand('follow', following.toggle, known !== undefined);
  useCommand(
    'take_back',
    () => act_with_undo(desk, [row()], { kind: 'open' }),
    on && known?.status !== 'open',
  );
}
