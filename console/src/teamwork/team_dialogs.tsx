// The team's dialogs come when one is asked for.
import { lazy, Suspense } from 'react';
import { useTeamDialog } from './dialog_store';

const TeamDialog = lazy(() => import('./team_dialog'));

export function TeamDialogs() {
  return useTeamDialog() ? (
    <Suspense fallback={null}>
      <TeamDialog />
    </Suspense>
  ) : null;
}
