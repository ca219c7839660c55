// The sample day: start, progress, stop.
import { post, remove } from '../api/client';
import { ws_path } from '../api/keys';
import { useSample } from '../api/queries';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import style from './settings.module.css';
import { useChange } from './use_change';

export function SamplePanel() {
  const { ws } = useDesk();
  const sample = useSample(ws).data;
  const { change, busy } = useChange('sample', 'accounts');
  if (!sample) return null;
  return (
    <>
      <h3 className={style.sub}>{t('sample.title')}</h3>
      <div className={style.card}>
        <p className={style.meta}>
          {sample.running
            ? t('sample.running', { played: sample.played, total: sample.total })
            : t('sample.text')}
        </p>
        {sample.running && (
          <progress max={sample.total} value={sample.played} aria-label={t('sample.title')} />
        )}
        <div className={style.verbs}>
          {sample.running ? (
            <Button disabled={busy} onClick={() => void change(() => remove(ws_path(ws, '/sample')))}>
              {t('sample.stop')}
            </Button>
          ) : (
            <Button disabled={busy} onClick={() => void change(() => post(ws_path(ws, '/sample')))}>
              {t('welcome.sample.button')}
            </Button>
          )}
        </div>
      </div>
    </>
  );
}
