// The team's dialogs come when one is asked for.
import { Suspense } from 'react';
import { TeamDialog } from '../app/parts';
import { Boundary } from '../ui/boundary';
import { useTeamDialog } from './dialog_store';

export function TeamDialogs() {
  const open = useTeamDialog();
  return open ? (
    <Boundary small>
      <Suspense fallback={null}>
        <TeamDialog />
      </Suspense>
    </Boundary>
  ) : null;
}
