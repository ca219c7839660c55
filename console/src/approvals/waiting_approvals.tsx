// Above the composer of a case: what of it waits for a second person.
import type { Approval } from '../api/types';
import { ApprovalCard } from './approval_card';
import style from './approval_card.module.css';

export function WaitingApprovals({ approvals }: { approvals: readonly Approval[] }) {
  if (approvals.length === 0) return null;
  return (
    <div className={style.inside}>
      {approvals.map((approval) => (
        <ApprovalCard key={approval.id} approval={approval} inside_case />
      ))}
    </div>
  );
}
