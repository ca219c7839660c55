// The states between: empty, loading, failed, not allowed. Each is a sentence and at most one action.
import { ApiError, OfflineError } from '../api/client';
import { words_of } from '../api/words_of';
import { t } from '../i18n/i18n';
import { Button } from './button';
import style from './state.module.css';

interface Props {
  title?: string;
  text: string;
  action?: { label: string; run: () => void };
  art?: 'ear' | 'none';
}
export function State({ title, text, action, art = 'none' }: Props) {
  return (
    <div className={style.state}>
      {art === 'ear' && (
        <svg className={style.art} width="44" height="44" viewBox="0 0 32 32" aria-hidden="true">
          <g fill="none" stroke="currentColor" strokeLinecap="round">
            <path
              d="M12 23.5c1.2 1.6 4.6 1.7 5.4-1.2.5-1.9 1.7-2.6 2.7-3.9a6.2 6.2 0 1 0-10.3-5.6"
              strokeWidth="1.6"
            />
            <path d="M13 13.6a2.7 2.7 0 1 1 4.6 2.6c-.9.9-1.7 1.4-2 2.7" strokeWidth="1.6" />
            <path d="M25 8.5a9 9 0 0 1 0 10" strokeWidth="1.6" opacity=".45" />
          </g>
        </svg>
      )}
      <p>
        {title && <strong>{title}</strong>}
        {text}
      </p>
      {action && <Button onClick={action.run}>{action.label}</Button>}
    </div>
  );
}
export function Failed({ error, retry }: { error: unknown; retry: () => void }) {
  const again = { label: t('action.again'), run: retry };
  if (error instanceof OfflineError)
    return <State title={t('state.offline.title')} text={t('state.offline.text')} action={again} />;
  if (error instanceof ApiError && error.status === 403)
    return (
      <State
        title={t('state.forbidden.title')}
        text={t('state.forbidden.text')}
        action={{ label: t('action.go_inbox'), run: () => window.location.assign('/') }}
      />
    );
  if (error instanceof ApiError && error.status === 404)
    return (
      <State
        title={t('state.missing.title')}
        text={t('state.missing.text')}
        action={{ label: t('action.go_inbox'), run: () => window.location.assign('/') }}
      />
    );
  const why = words_of(error);
  return <State title={t('state.error.title')} text={t('state.error.text', { why })} action={again} />;
}
export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <div className={style.bones} role="status" aria-label={t('state.loading')}>
      {Array.from({ length: rows }, (_, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <div key={n} className={style.bone} />
      ))}
    </div>
  );
}
