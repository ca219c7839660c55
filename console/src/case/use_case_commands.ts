// The keys and commands that work on the open case.
import { useQueryClient } from '@tanstack/react-query';
import { act_with_undo } from '../api/case_actions';
import type { CaseDetail } from '../api/types';
import { useDesk } from '../app/desk';
import { run_command, useCommand } from '../keys/commands';
import { find_row } from '../live/apply';
import { open_picker } from './picker_store';

export function useCaseCommands(detail: CaseDetail | undefined): void {
  const { desk, me, ws, can_act } = useDesk();
  const cache = useQueryClient();
  const on = can_act && detail !== undefined;
  const row = () => (detail && find_row(cache, ws, detail.id)) ?? detail!;
  const live = detail?.status !== 'resolved' && detail?.status !== 'dismissed';
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
    on && detail?.assignee_id !== me.id,
  );
  useCommand('snooze', () => open_picker('snooze', [row()]), on);
  useCommand('dismiss', () => open_picker('dismiss', [row()]), on && live);
  useCommand('tag', () => open_picker('tag', [row()]), on);
  useCommand(
    'take_back',
    () => act_with_undo(desk, [row()], { kind: 'open' }),
    on && detail?.status !== 'open',
  );
}
