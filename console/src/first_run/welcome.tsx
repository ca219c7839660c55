// Three ways to see life at once: listen now, connect an account, a sample day.
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { post } from '../api/client';
import { ws_path } from '../api/keys';
import { useChannels } from '../api/queries';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { DoorFrame } from '../app/door_frame';
import { go, inbox_path } from '../app/router';
import { t } from '../i18n/i18n';
import { ConnectForm } from '../settings/connect_form';
import { Button } from '../ui/button';
import field from '../ui/field.module.css';
import { Icon, type IconName } from '../ui/icon';
import { State } from '../ui/state';
import style from './first_run.module.css';
import { ListenNow } from './listen_now';

type Way = 'listen' | 'connect' | 'sample';

export default function Welcome() {
  const { ws, workspace, can_administer } = useDesk();
  const cache = useQueryClient();
  const channels = useChannels(ws).data ?? [];
  const [open, set_open] = useState<Way | null>('listen');
  const [error, set_error] = useState('');
  const [busy, set_busy] = useState(false);
  const channel = channels.find((one) => one.network === 'bluesky') ?? channels[0];
  const sample = (): void => {
    set_busy(true);
    post(ws_path(ws, '/sample'), {})
      .then(() => {
        void cache.invalidateQueries({ queryKey: ['ws', ws] });
        go(inbox_path(ws, 'now'));
      })
      .catch((reason) => set_error(words_of(reason)))
      .finally(() => set_busy(false));
  };
  if (!can_administer)
    return (
      <State
        title={t('state.forbidden.title')}
        text={t('state.forbidden.text')}
        action={{ label: t('action.go_inbox'), run: () => go(inbox_path(ws, 'now')) }}
      />
    );
  const way = (name: Way, icon: IconName, inside: ReactNode) => (
    <section className={style.way} data-open={open === name}>
      <button
        type="button"
        className={style.choose}
        aria-expanded={open === name}
        onClick={() => set_open(open === name ? null : name)}
      >
        <i aria-hidden="true">
          <Icon name={icon} />
        </i>
        <span>
          <b>{t(`welcome.${name}.title`)}</b>
          <small>{t(`welcome.${name}.text`)}</small>
        </span>
        <Icon name="down" size={13} />
      </button>
      {open === name && <div className={style.inside}>{inside}</div>}
    </section>
  );
  return (
    <DoorFrame wide title={t('welcome.title', { name: workspace?.name ?? '' })} about={t('welcome.about')}>
      <div className={style.ways}>
        {way('listen', 'search', <ListenNow />)}
        {way(
          'connect',
          'plus',
          channel ? <ConnectForm channel={channel} on_done={() => go(inbox_path(ws, 'now'))} /> : null,
        )}
        {way(
          'sample',
          'refresh',
          <>
            <Button look="primary" big disabled={busy} onClick={sample}>
              {t('welcome.sample.button')}
            </Button>
            {error && <p className={field.error}>{error}</p>}
          </>,
        )}
      </div>
      <Button look="quiet" onClick={() => go(inbox_path(ws, 'now'))}>
        {t('welcome.skip')}
      </Button>
    </DoorFrame>
  );
}
