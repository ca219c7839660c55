// Input nobody could read yet. It is kept as it came, and can be tried again after a repair.
import { useState } from 'react';
import { post } from '../api/client';
import { ws_path } from '../api/keys';
import { useJournal } from '../api/queries';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { absolute } from '../i18n/time_words';
import { Button } from '../ui/button';
import { State } from '../ui/state';
import { Listed } from './listed';
import style from './settings.module.css';
import { useChange } from './use_change';

export function Journal() {
  const { ws } = useDesk();
  const journal = useJournal(ws, true);
  const { change, busy } = useChange('journal', 'counts');
  const [result, set_result] = useState('');
  const replay_all = (): void => {
    void change(() => post<{ replayed: number; still_failing: number }>(ws_path(ws, '/journal/replay'))).then(
      (done) =>
        done && set_result(t('journal.result', { replayed: done.replayed, failing: done.still_failing })),
    );
  };
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.journal')}</h2>
        {(journal.data?.length ?? 0) > 0 && (
          <Button look="primary" disabled={busy} onClick={replay_all}>
            {t('journal.replay_all')}
          </Button>
        )}
      </div>
      <p className={style.about}>{t('journal.about')}</p>
      {result && (
        <p className={style.help} role="status">
          {result}
        </p>
      )}
      <Listed of={journal} empty={<State title={t('journal.none.title')} text={t('journal.none.text')} />}>
        {(failures) => (
          <div className={style.cards}>
            {failures.map((one) => (
              <article key={one.seq} className={style.card}>
                <b>{one.error}</b>
                <span className={`${style.meta} num`}>
                  {one.place && `${one.place} · `}
                  {one.source} · {absolute(one.failed_at)} · {t('journal.tries', { count: one.attempts })}
                </span>
                {one.excerpt && <code className={style.code}>{one.excerpt}</code>}
                <div className={style.verbs}>
                  <Button
                    disabled={busy}
                    onClick={() =>
                      void change(() => post(ws_path(ws, `/journal/failures/${one.seq}/replay`)))
                    }
                  >
                    {t('journal.replay')}
                  </Button>
                </div>
              </article>
            ))}
          </div>
        )}
      </Listed>
    </>
  );
}
