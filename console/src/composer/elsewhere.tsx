// Answered by hand on the network's own page: opened there with the text, then "done there" or taken back. When the
// post appears on the network it is found by itself, whatever was pressed here.
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { CaseDetail, Id, Reply, ReplyElsewhere } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { network_name, t } from '../i18n/i18n';
import { clock_or_day } from '../i18n/time_words';
import { useNow } from '../i18n/use_now';
import { Button } from '../ui/button';
import button from '../ui/button.module.css';
import { Icon } from '../ui/icon';
import { announce, show_toast } from '../ui/toast_store';
import style from './elsewhere.module.css';
import { return_to_composer } from './returned';

function ask_again(ws: Id, cache: QueryClient, case_id: Id): void {
  void cache.invalidateQueries({ queryKey: key.case_detail(ws, case_id) });
  void cache.invalidateQueries({ queryKey: key.timeline(ws, case_id) });
}

// An empty tab is opened by the press itself, before anything is asked: later a browser would hold it back.
export async function open_elsewhere(
  ws: Id,
  cache: QueryClient,
  case_id: Id,
  body: Record<string, unknown>,
): Promise<void> {
  const tab = window.open('', '_blank');
  if (tab) tab.opener = null;
  try {
    const made = await post<{ url: string; reply: Reply }>(
      ws_path(ws, `/cases/${case_id}/compose-link`),
      body,
    );
    if (tab) tab.location.href = made.url;
  } catch (error) {
    tab?.close();
    throw error;
  } finally {
    ask_again(ws, cache, case_id);
  }
}

export function ElsewhereStrip({ detail }: { detail: CaseDetail }) {
  return detail.elsewhere.map((one) => <Opened key={one.id} of={one} />);
}

function Opened({ of }: { of: ReplyElsewhere }) {
  const { ws } = useDesk();
  const cache = useQueryClient();
  const now = useNow();
  const [busy, set_busy] = useState(false);
  const network = network_name(of.network);
  const say = (verb: 'done-there' | 'cancel'): void => {
    set_busy(true);
    post<Reply>(ws_path(ws, `/replies/${of.id}/${verb}`))
      .then((next) => {
        if (verb === 'cancel') return_to_composer(of.case_id, next.text ?? of.text);
        else announce(t('elsewhere.done.said', { network }));
      })
      .catch((error) =>
        show_toast({ text: 'toast.refused', tone: 'act', params: { why: words_of(error), number: '' } }),
      )
      .finally(() => {
        set_busy(false);
        ask_again(ws, cache, of.case_id);
      });
  };
  return (
    <section className={style.strip} aria-label={t('elsewhere.label', { network })}>
      <p>
        <b>{t('elsewhere.asked', { network })}</b>{' '}
        <span>{t('elsewhere.since', { time: clock_or_day(of.created_at, now) })}</span>
      </p>
      <blockquote>{of.text}</blockquote>
      <div className={style.verbs}>
        <Button look="primary" disabled={busy} onClick={() => say('done-there')}>
          {t('elsewhere.done')}
        </Button>
        {/^https?:/.test(of.compose_url) && (
          <a
            className={button.button}
            href={of.compose_url}
            target="_blank"
            rel="noopener noreferrer nofollow"
          >
            <Icon name="open" size={14} />
            {t('elsewhere.again', { network })}
          </a>
        )}
        <Button look="quiet" disabled={busy} onClick={() => say('cancel')}>
          {t('elsewhere.cancel')}
        </Button>
      </div>
    </section>
  );
}
