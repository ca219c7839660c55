// The public stream that topics listen to.
import { useStream } from '../api/queries';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import style from './settings.module.css';
import { status_detail } from './status_detail';

export function StreamPanel() {
  const { ws } = useDesk();
  const stream = useStream(ws).data;
  if (!stream) return null;
  return (
    <>
      <h3 className={style.sub}>{t('stream.title')}</h3>
      <div className={style.card}>
        <p className={style.status} data-status={stream.status}>
          <i aria-hidden="true" />
          <span>
            {t(`stream.${stream.status}`)} {status_detail(stream.detail)}
          </span>
        </p>
        <p className={`${style.meta} num`}>
          {t('stream.numbers', { seen: stream.posts_seen, found: stream.posts_found })}
          {stream.behind_ms !== null &&
            ` ${t('stream.behind', { seconds: (stream.behind_ms / 1000).toFixed(1) })}`}
        </p>
        <code className={style.code}>{stream.url}</code>
      </div>
    </>
  );
}
