// The live stream of one workspace. The browser reconnects by itself with Last-Event-ID; when it gives up we begin
// again with a growing pause and read everything anew, because we cannot know what was missed.
import type { QueryClient } from '@tanstack/react-query';
import { key, ws_path } from '../api/keys';
import type { Counts, Id, LiveChange, Me, Presence } from '../api/types';
import type { VisitorNews } from '../chat/types';
import { hear_visitor } from '../chat/visitor_store';
import { apply_change, put_row, watch_answers } from './apply';
import { forget_presence, hear_presence } from './presence_store';
import { is_reachable, set_reachable, watch_reach } from './reach';

// How far each workspace was heard, also of those that are not on the screen now.
const heard = new Map<Id, string>();

export function connect_live(
  cache: QueryClient,
  ws: Id,
  me: Id,
  on_change: (change: LiveChange) => void,
): () => void {
  let source: EventSource | undefined;
  let timer: number | undefined;
  let pause_ms = 1_000;
  let closed = false;
  // All that is shown was read after we were told who we are: from there on nothing is missed.
  let last_seq = heard.get(ws) || (cache.getQueryData<Me>(key.me)?.last_event_id ?? '');

  const read = <T>(event: Event, use: (value: T) => void): void => {
    try {
      use(JSON.parse((event as MessageEvent<string>).data) as T);
    } catch {
      // A line we cannot read must not stop the stream.
    }
  };
  const read_all_again = (): void => {
    cache.setQueriesData({ queryKey: ['ws', ws, 'arrivals'] }, []);
    // What is on its way was asked for before; a first answer would be kept.
    void cache
      .cancelQueries({ queryKey: ['ws', ws] })
      .then(() => cache.invalidateQueries({ queryKey: ['ws', ws] }));
  };
  // What changed in the lists comes with the stream, which goes on where it stopped.
  const read_all_but_lists_again = (): void => {
    void cache.invalidateQueries({
      queryKey: ['ws', ws],
      predicate: (query) => query.queryKey[2] !== 'cases' && query.queryKey[2] !== 'arrivals',
    });
  };
  // Until the first counts comes what happened while nobody listened: it is no news, and is read as a whole.
  let caught_up = false;
  let was_behind = false;
  const open = (): void => {
    const from = last_seq === '' ? '' : `?last_event_id=${last_seq}`;
    source = new EventSource(`/api/v1${ws_path(ws, '/live')}${from}`);
    source.addEventListener('open', () => {
      pause_ms = 1_000;
      set_reachable(true);
      forget_presence();
    });
    source.addEventListener('error', () => {
      if (closed) return;
      if (!navigator.onLine || source?.readyState === EventSource.CONNECTING) set_reachable(false);
      if (source?.readyState !== EventSource.CLOSED) return;
      // Refused, not lost: perhaps the session ended. Asking who we are tells which.
      void cache.invalidateQueries({ queryKey: key.me });
      timer = window.setTimeout(() => {
        open();
        read_all_again();
      }, pause_ms);
      pause_ms = Math.min(30_000, pause_ms * 2);
    });
    source.addEventListener('change', (event) => {
      last_seq = (event as MessageEvent).lastEventId;
      read<LiveChange>(event, (change) => {
        if (caught_up) {
          apply_change(cache, ws, me, change);
          on_change(change);
        } else {
          was_behind = true;
          if (change.case) put_row(cache, ws, me, change.case, false);
        }
      });
    });
    source.addEventListener('counts', (event) => {
      last_seq = (event as MessageEvent).lastEventId; // the first ones say where we are
      read<Counts>(event, (counts) => cache.setQueryData(key.counts(ws), counts));
      if (!caught_up && was_behind) read_all_but_lists_again();
      caught_up = true;
    });
    source.addEventListener('presence', (event) => read<Presence>(event, hear_presence));
    source.addEventListener('visitor', (event) => read<VisitorNews>(event, hear_visitor));
    source.addEventListener('reset', read_all_again);
  };
  open();
  const stop_laying = watch_answers(cache, ws, me);
  const stop_watching = watch_reach(() => {
    if (is_reachable()) read_all_but_lists_again();
  });
  return () => {
    stop_watching();
    stop_laying();
    heard.set(ws, last_seq);
    closed = true;
    window.clearTimeout(timer);
    source?.close();
    forget_presence();
  };
}
