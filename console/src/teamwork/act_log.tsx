// What a rule or a macro did, or what was done to several cases by hand: when, by whom, to what, and what was refused
// and why. Each can be taken back, also long after.
import { useState } from 'react';
import { useMembers } from '../api/queries';
import type { Act } from '../api/types';
import { useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { t } from '../i18n/i18n';
import { absolute } from '../i18n/time_words';
import style from '../settings/settings.module.css';
import { Button } from '../ui/button';
import { Failed, Loading } from '../ui/state';
import { refusal_words } from './act_preview';
import { useActCases, useActs } from './queries';
import { undo_act } from './run_act';
import { Steps } from './steps';
import own from './teamwork.module.css';

// `of`: the query of GET /acts, as "rule_id=12".
export function ActLog({ of, none }: { of: string; none: string }) {
  const { ws, desk, can_act } = useDesk();
  const members = useMembers(ws).data ?? [];
  const log = useActs(ws, of);
  if (log.isPending) return <Loading rows={2} />;
  if (log.error) return <Failed error={log.error} retry={() => void log.refetch()} />;
  const acts = log.data.pages.flatMap((page) => page.items);
  if (acts.length === 0) return <p className={style.about}>{none}</p>;
  const by_people = acts.some((act) => act.source !== 'rule');
  return (
    <div className={own.scroll}>
      <table className={own.table}>
        <tbody>
          {acts.map((act) => (
            <tr key={act.id}>
              <td className="num">{absolute(act.created_at)}</td>
              {by_people && (
                <td>{members.find((member) => member.user_id === act.actor_id)?.name ?? t('fact.desk')}</td>
              )}
              <td>
                {act.case && (
                  <Link to={inbox_path(ws, 'all', act.case.id)}>
                    #{act.case.number} {act.case.name}
                  </Link>
                )}
                {act.cases > 1 && <AllCases act={act} />}
                {act.source === 'bulk' && <Steps of={act.actions} />}
              </td>
              <td>
                <Became act={act} />
              </td>
              <td>
                {can_act && act.state === 'done' && act.done > 0 && (
                  <Button onClick={() => void undo_act(desk, act).then(() => log.refetch())}>
                    {t('action.undo')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {log.hasNextPage && (
        <Button look="quiet" onClick={() => void log.fetchNextPage()}>
          {t('timeline.older')}
        </Button>
      )}
    </div>
  );
}

// "and 12 more": which, and what became of each.
function AllCases({ act }: { act: Act }) {
  const [open, set_open] = useState(false);
  return (
    <details onToggle={(event) => set_open(event.currentTarget.open)}>
      <summary>{t('acts.and_more', { count: act.cases - 1 })}</summary>
      {open && <CaseByCase act={act} />}
    </details>
  );
}
function CaseByCase({ act }: { act: Act }) {
  const { ws } = useDesk();
  const cases = useActCases(ws, act.id);
  if (cases.isPending) return <Loading rows={2} />;
  if (cases.error) return <Failed error={cases.error} retry={() => void cases.refetch()} />;
  return (
    <>
      <ul className={own.tall}>
        {cases.data.pages
          .flatMap((page) => page.items)
          .slice(1) // the first one stands above
          .map((one) => (
            <li key={one.case_id}>
              <Link to={inbox_path(ws, 'all', one.case_id)}>
                <span className="num">#{one.number}</span> {one.name}
              </Link>
              {one.code
                ? t('offline.why', { why: refusal_words(one.code) })
                : one.state !== 'done' && t('offline.why', { why: t(`acts.case.${one.state}`) })}
            </li>
          ))}
      </ul>
      {cases.hasNextPage && (
        <Button look="quiet" disabled={cases.isFetchingNextPage} onClick={() => void cases.fetchNextPage()}>
          {t('timeline.older')}
        </Button>
      )}
    </>
  );
}

function Became({ act }: { act: Act }) {
  const { ws } = useDesk();
  const one = act.cases === 1;
  const refusals = act.refusals.map((no) => (
    <li key={no.case_id}>
      <Link to={inbox_path(ws, 'all', no.case_id)}>
        #{no.number} {no.name}
      </Link>
      {t('offline.why', { why: refusal_words(no.code) })}
    </li>
  ));
  const words =
    act.state === 'undone'
      ? one && act.not_undone > 0
        ? t('acts.not_undone', { count: 1 })
        : t('rules.log.undone')
      : act.state === 'cancelled'
        ? t('acts.stopped', { count: act.done })
        : one && act.refused > 0
          ? act.refusals[0]
            ? refusal_words(act.refusals[0].code)
            : t('rules.log.refused')
          : one
            ? t('rules.log.done')
            : t('acts.done', { count: act.done });
  return (
    <>
      {words}
      {!one && act.refused + act.not_undone > 0 && (
        <details>
          <summary>
            {act.state === 'undone'
              ? t('acts.not_undone', { count: act.not_undone })
              : t('acts.will_refuse', { count: act.refused })}
          </summary>
          <ul>
            {refusals}
            {act.refused + act.not_undone > act.refusals.length && <li>…</li>}
          </ul>
        </details>
      )}
    </>
  );
}
