// The team's dialogs come when one is asked for.
import { Suspense } from 'react';
import { useDesk } from '../app/desk';
import { TeamDialog } from '../app/parts';
import { Boundary } from '../ui/boundary';
import { useTeamDialog } from './dialog_store';
import { useMacros } from './queries';

export function TeamDialogs() {
  const open = useTeamDialog();
  useMacros(useDesk().ws); // there when the connection is not
  return open ? (
    <Boundary small>
      <Suspense fallback={null}>
        <TeamDialog />
      </Suspense>
    </Boundary>
  ) : null;
}
