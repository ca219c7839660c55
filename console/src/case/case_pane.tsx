// One case: header with its verbs, the timeline, the composer.
import { useEffect, useState } from 'react';
import { useCase } from '../api/queries';
import type { Id } from '../api/types';
import { useDesk } from '../app/desk';
import { WaitingApprovals } from '../approvals/waiting_approvals';
import { VisitorLine } from '../chat/visitor_line';
import { Composer } from '../composer/composer';
import { t } from '../i18n/i18n';
import { hold_keys, useCommand } from '../keys/commands';
import { useTell } from '../live/use_tell';
import { CaseTeam } from '../teamwork/case_team';
import { useClaim } from '../teamwork/use_claim';
import { Failed, Loading } from '../ui/state';
import { CaseHeader } from './case_header';
import style from './case_pane.module.css';
import { CaseTimeline } from './case_timeline';
import { OpinionStrip } from './opinion_strip';
import { useCaseCommands } from './use_case_commands';

interface Props {
  case_id: Id;
  card_open: boolean;
  on_card: () => void;
  on_back: () => void;
}
export function CasePane({ case_id, card_open, on_card, on_back }: Props) {
  const { ws, can_act } = useDesk();
  const query = useCase(ws, case_id);
  const [writing, set_writing] = useState(false);
  useTell(ws, case_id, writing);
  const detail = query.data;
  useCaseCommands(case_id, detail);
  useClaim(detail);
  const [wanted, set_wanted] = useState<'reply' | 'note' | null>(null);
  const want = (kind: 'reply' | 'note') => {
    set_wanted(kind);
    hold_keys(3_000);
  };
  useCommand('reply', () => want('reply'), can_act && !detail);
  useCommand('note', () => want('note'), can_act && !detail);
  useEffect(() => {
    if (detail) document.title = `${detail.title || detail.name} · Kikimimi`;
  }, [detail]);
  if (query.error && !detail)
    return (
      <section className={style.pane} aria-label={t('case.label')}>
        <Failed error={query.error} retry={() => void query.refetch()} />
      </section>
    );
  if (!detail)
    return (
      <section className={style.pane} aria-label={t('case.label')}>
        <Loading />
      </section>
    );
  return (
    <section className={style.pane} aria-label={t('case.label')}>
      <CaseHeader detail={detail} card_open={card_open} on_card={on_card} on_back={on_back} />
      <CaseTeam detail={detail} />
      <CaseTimeline detail={detail} />
      <OpinionStrip detail={detail} />
      <WaitingApprovals approvals={detail.approvals} />
      {detail.network === 'chat' && <VisitorLine case_id={case_id} />}
      <Composer detail={detail} on_writing={set_writing} wanted={wanted} />
    </section>
  );
}
