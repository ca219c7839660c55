// What an act would change, and what it would refuse and why, before it is run. What is run is what was looked at: a
// case that came into a list meanwhile is left out, and one whose customer wrote meanwhile is not ended unseen.
import { useQuery } from '@tanstack/react-query';
import { OfflineError, post } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { Action, ActPreview, ActRequest, PreviewedCase } from '../api/types';
import { useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { plain_number, t, t_or } from '../i18n/i18n';
import { Failed, Loading } from '../ui/state';
import { asked_for, type Cases } from './dialog_store';
import style from './teamwork.module.css';

const ends_the_matter = (actions: readonly Action[]): boolean =>
  actions.some((one) => one.do === 'resolve' || one.do === 'dismiss' || one.do === 'snooze');

export function useActPreview(of: Cases, what: ActRequest | null, actions: readonly Action[]) {
  const { ws } = useDesk();
  const query = useQuery({
    queryKey: [...key.part(ws, 'act_preview'), what, asked_for(of)],
    queryFn: () => post<ActPreview>(ws_path(ws, '/acts/preview'), { ...what, ...asked_for(of) }),
    enabled: what !== null,
    gcTime: 0,
    staleTime: 0,
  });
  // Without a connection nobody can look: what ends no matter, and names its cases, may wait all the same.
  const blind = query.error instanceof OfflineError;
  const may_wait = blind && Array.isArray(of) && !ends_the_matter(actions);
  const run: ActRequest | null =
    what && query.data
      ? { ...what, case_ids: query.data.case_ids, seen: query.data.seen }
      : what && may_wait
        ? { ...what, ...asked_for(of) }
        : null;
  return { query, run, blind, may_wait };
}

export const refusal_words = (code: string): string =>
  t_or(`refusal.${code.split(':')[0]}`, t_or(`error.${code}`, t('refusal.other')));

export function ActPreviewView({ of: { query, blind, may_wait } }: { of: ReturnType<typeof useActPreview> }) {
  if (query.isPending) return <Loading rows={2} />;
  if (blind)
    return (
      <p className={style.preview} role="status">
        {t(may_wait ? 'acts.blind' : 'acts.blind.no')}
      </p>
    );
  if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />;
  const { items, cases, will_change, will_refuse, more } = query.data;
  const looked = items.length;
  const changing = items.filter((one) => one.code === '' && one.changes.length > 0);
  const as_it_is = items.filter((one) => one.code === '' && one.changes.length === 0);
  const refused = items.filter((one) => one.code !== '');
  return (
    <div className={style.preview} aria-live="polite">
      <p>
        <b>{t('acts.will_change', { count: will_change, of: looked })}</b>
        {cases > looked && ` ${t('acts.looked_at', { count: looked, of: cases })}`}
        {more && ` ${t('acts.more', { count: plain_number(cases) })}`}
      </p>
      <Which label={t('acts.which', { count: changing.length })} of={changing} />
      <Which label={t('acts.unchanged', { count: as_it_is.length })} of={as_it_is} />
      <Which label={t('acts.will_refuse', { count: will_refuse })} of={refused} open />
    </div>
  );
}

function Which({ label, of, open = false }: { label: string; of: PreviewedCase[]; open?: boolean }) {
  const { ws } = useDesk();
  if (of.length === 0) return null;
  return (
    <details open={open}>
      <summary>{label}</summary>
      <ul>
        {of.map((one) => (
          <li key={one.case_id}>
            <Link to={inbox_path(ws, 'all', one.case_id)}>
              <span className="num">#{one.number}</span> {one.name}
            </Link>
            {one.code && t('offline.why', { why: refusal_words(one.code) })}
          </li>
        ))}
      </ul>
    </details>
  );
}
