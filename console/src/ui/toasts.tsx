// The toasts on the screen and the ear of a screen reader.
import { useSyncExternalStore } from 'react';
import { t } from '../i18n/i18n';
import { Icon } from './icon';
import { close_toast, read_announced, read_toasts, watch_announced, watch_toasts } from './toast_store';
import style from './toasts.module.css';

export function Toasts() {
  const toasts = useSyncExternalStore(watch_toasts, read_toasts);
  const said = useSyncExternalStore(watch_announced, read_announced);
  return (
    <>
      <div className="unseen" role="status" aria-live="polite">
        {said}
      </div>
      <section className={style.stack} aria-label={t('toast.label')}>
        {toasts.map((toast) => (
          <div key={toast.id} className={`${style.toast} ${toast.tone === 'act' ? style.act : ''}`}>
            <span className={style.words} role={toast.tone === 'act' ? 'alert' : undefined}>
              {t(toast.text, toast.params)}
            </span>
            {toast.progress && (
              <>
                <progress max={toast.progress.of} value={toast.progress.done} />
                <button type="button" onClick={toast.progress.cancel}>
                  {t('action.cancel')}
                </button>
              </>
            )}
            {toast.action && (
              <button
                type="button"
                onClick={() => {
                  toast.action?.run();
                  close_toast(toast.id);
                }}
              >
                {t(toast.action.label)}
              </button>
            )}
            {!toast.progress && (
              <button type="button" aria-label={t('action.close')} onClick={() => close_toast(toast.id)}>
                <Icon name="close" size={12} />
              </button>
            )}
          </div>
        ))}
      </section>
    </>
  );
}
