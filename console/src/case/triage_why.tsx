// What triage takes a post for and the words that say so: asked for and shown only when somebody wants to know.
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { call } from '../api/client';
import { ws_path } from '../api/keys';
import type { Id, PostTriage } from '../api/types';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import style from './triage_why.module.css';

const signals = [
  'harm_safety',
  'harm_health',
  'harm_legal',
  'harm_money',
  'urgent',
  'no_contact',
  'complaint',
  'question',
  'wish',
  'purchase',
  'praise',
  'noise',
  'feeling_down',
  'feeling_up',
  'reach',
  'among_users',
] as const;

export function TriageWhy({ post_id }: { post_id: Id }) {
  const [open, set_open] = useState(false);
  const id = useId();
  return (
    <>
      <button
        type="button"
        className={style.ask}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => set_open(!open)}
      >
        {t('triage.why')}
      </button>
      {open && (
        <div id={id} className={style.why}>
          <Reasons post_id={post_id} />
        </div>
      )}
    </>
  );
}

function Reasons({ post_id }: { post_id: Id }) {
  const { ws } = useDesk();
  const asked = useQuery({
    queryKey: ['triage', ws, post_id],
    queryFn: () => call<PostTriage>(ws_path(ws, `/posts/${post_id}/triage`)),
  });
  if (asked.isPending) return <>{t('state.loading')}</>;
  if (asked.isError) return <>{t('triage.why.failed')}</>;
  const verdict = asked.data;
  const groups = signals
    .map((signal) => ({ signal, words: verdict.reasons.filter((reason) => reason.signal === signal) }))
    .filter(({ words }) => words.length > 0);
  return (
    <>
      <b>{t(`triage.kind.${verdict.kind}`)}</b>
      {verdict.certainty < 40 && <> · {t('triage.unsure')}</>}
      {groups.length === 0 && <> · {t('triage.why.nothing')}</>}
      {groups.map(({ signal, words }) => (
        <div key={signal}>
          {t(`triage.signal.${signal}`)}
          {words
            .filter(({ text }) => text !== '')
            .map(({ text, start }) => (
              <q key={start} className={style.word}>
                {text}
              </q>
            ))}
        </div>
      ))}
    </>
  );
}
