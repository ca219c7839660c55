// The team's questions about cases, one at a time.
import { useDesk } from '../app/desk';
import { selection } from '../inbox/selection';
import { close_team_dialog, useTeamDialog } from './dialog_store';
import { EscalateDialog } from './escalate_dialog';
import { HandOverDialog } from './hand_over_dialog';
import { MacroDialog } from './macro_dialog';
import { run_act } from './run_act';
import { SeveralDialog } from './several_dialog';

export default function TeamDialog() {
  const { desk } = useDesk();
  const open = useTeamDialog();
  if (!open) return null;
  const props = {
    of: open.of,
    on_close: close_team_dialog,
    on_run: (request: Parameters<typeof run_act>[1]) => {
      close_team_dialog();
      selection.clear();
      void run_act(desk, request);
    },
  };
  switch (open.kind) {
    case 'macro':
      return <MacroDialog {...props} first={open.macro} />;
    case 'several':
      return <SeveralDialog {...props} first={open.first} />;
    case 'hand_over':
      return <HandOverDialog {...props} />;
    case 'escalate':
      return <EscalateDialog {...props} />;
  }
}
