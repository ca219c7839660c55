// Keywords in, voices out: a topic is made and the public stream's pulse is shown until something is found.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '../api/client';
import { key, ws_path } from '../api/keys';
import { useCounts, useStream } from '../api/queries';
import type { Topic } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { go, inbox_path } from '../app/router';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import field from '../ui/field.module.css';
import style from './first_run.module.css';

export function ListenNow() {
  const { ws, workspace } = useDesk();
  const cache = useQueryClient();
  const [words, set_words] = useState<string[]>([]);
  const [error, set_error] = useState('');
  const [made, set_made] = useState<Topic | null>(null);
  const listen = (): void => {
    post<Topic>(ws_path(ws, '/topics'), { name: words[0], keywords: words, excluded: [] })
      .then((topic) => {
        set_made(topic);
        void cache.invalidateQueries({ queryKey: key.part(ws, 'topics') });
        void cache.invalidateQueries({ queryKey: key.part(ws, 'stream') });
      })
      .catch((reason) => set_error(words_of(reason)));
  };
  if (made) return <Alive />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (words.length > 0) listen();
      }}
    >
      <ChipsInput
        label={t('field.keywords')}
        hint={t('field.keywords.hint')}
        placeholder={t('field.keywords.example', { name: workspace?.name ?? '' })}
        values={words}
        on_change={set_words}
        auto_focus
      />
      {error && <p className={field.error}>{error}</p>}
      <Button type="submit" look="primary" big disabled={words.length === 0}>
        {t('welcome.listen.button')}
      </Button>
    </form>
  );
}

function Alive() {
  const { ws } = useDesk();
  const stream = useStream(ws).data;
  const found = useCounts(ws).data?.found ?? 0;
  return (
    <>
      <div className={style.alive} role="status">
        <b>
          <i className={style.pulse} aria-hidden="true" />
          {found > 0 ? t('welcome.found', { count: found }) : t('welcome.listening')}
        </b>
        {stream && (
          <span className="num">
            {stream.status === 'ok' || stream.posts_seen > 0
              ? t('welcome.seen', { count: stream.posts_seen })
              : t(`stream.${stream.status}`)}
          </span>
        )}
      </div>
      <Button look="primary" big onClick={() => go(inbox_path(ws, 'found'))}>
        {t('welcome.to_found')}
      </Button>
    </>
  );
}
