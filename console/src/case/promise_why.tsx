// Why an answer is due when it is: day by day, and what became of the case's earlier promises.
import { useQueryClient } from '@tanstack/react-query';
import { patch } from '../api/client';
import { key, ws_path } from '../api/keys';
import { useCase, useCasePromises } from '../api/queries';
import type { CaseRow, EscalationPlan, Id, Priority, PromisePlan } from '../api/types';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { promise_story } from '../i18n/promise_story';
import { absolute } from '../i18n/time_words';
import { useChange } from '../settings/use_change';
import { useCaseTeamwork } from '../teamwork/queries';
import { Dialog } from '../ui/dialog';
import { Choice } from '../ui/field';
import { Failed, Loading } from '../ui/state';
import style from './promise_why.module.css';
import { RankWhy } from './rank_why';
import { show_why, useWhy } from './why_store';

export function PromiseWhy() {
  const id = useWhy();
  return id ? <Why key={id} id={id} /> : null;
}
function Why({ id }: { id: Id }) {
  const { ws } = useDesk();
  const told = useCasePromises(ws, id);
  return (
    <Dialog title={t('promise.why')} on_close={() => show_why(null)}>
      {told.isPending ? (
        <Loading rows={3} />
      ) : told.error ? (
        <Failed error={told.error} retry={() => void told.refetch()} />
      ) : (
        <>
          {told.data.promises.length === 0 && <p className={style.none}>{t('promise.none')}</p>}
          {told.data.promises.map((plan) => (
            <Counted key={plan.kind} plan={plan} />
          ))}
          <Escalated id={id} />
          <RankWhy id={id} />
          <PriorityChoice id={id} />
          <p className={style.policy}>
            {t('promise.by', { policy: told.data.policy.name || t('promise.policy.default') })}
          </p>
          {!told.data.planned && <p className={style.policy}>{t('promise.replanning')}</p>}
          {told.data.results.length > 0 && (
            <section className={style.promise}>
              <h3>{t('promise.earlier')}</h3>
              <ol>
                {told.data.results.map((one) => (
                  <li key={one.kind + one.from}>
                    {t(one.kept ? 'promise.kept' : 'promise.broken', {
                      what: t(`promise.kind.${one.kind}`),
                      due: absolute(one.due_at),
                      time: absolute(one.ended_at),
                    })}
                  </li>
                ))}
              </ol>
            </section>
          )}
        </>
      )}
    </Dialog>
  );
}

// What is promised, how long that is, and the days it was counted over.
function Counted({ plan, team }: { plan: PromisePlan | EscalationPlan; team?: string }) {
  const story = promise_story(plan, team);
  return (
    <section className={style.promise}>
      <h3>{story.title}</h3>
      <p>{story.about}</p>
      <ol>
        {story.lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ol>
    </section>
  );
}
// What other departments promised.
function Escalated({ id }: { id: Id }) {
  const { ws } = useDesk();
  const escalations = useCaseTeamwork(ws, id).data?.escalations ?? [];
  return escalations.map(
    (one) =>
      one.state === 'open' && one.promise && <Counted key={one.id} plan={one.promise} team={one.team} />,
  );
}

const priorities: Priority[] = ['urgent', 'high', 'normal', 'low'];
// Stands here because it chooses among the promises.
function PriorityChoice({ id }: { id: Id }) {
  const { ws, can_act } = useDesk();
  const cache = useQueryClient();
  const detail = useCase(ws, id);
  const { change, busy } = useChange();
  if (!detail.data) return null;
  return (
    <Choice
      label={t('priority.title')}
      value={detail.data.priority}
      disabled={!can_act || busy}
      onChange={(event) =>
        void change(() => patch<CaseRow>(ws_path(ws, `/cases/${id}`), { priority: event.target.value })).then(
          () => void cache.invalidateQueries({ queryKey: key.case_detail(ws, id) }),
        )
      }
    >
      {priorities.map((one) => (
        <option key={one} value={one}>
          {t(`priority.${one}`)}
        </option>
      ))}
    </Choice>
  );
}
