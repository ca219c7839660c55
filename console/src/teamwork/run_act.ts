// Runs an act on the server, shows how far it is, and offers to take it back as a whole. Without a connection it waits
// like everything else.
import type { Desk } from '../api/case_actions';
import { call, post } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { Act, ActRequest } from '../api/types';
import { words_of } from '../api/words_of';
import { t } from '../i18n/i18n';
import { new_request, send_or_keep, take_back, type Waiting } from '../live/queue';
import { announce, change_toast, close_toast, show_toast } from '../ui/toast_store';

const running = (act: Act): boolean => act.state === 'running' || act.state === 'undoing';
const pause = (ms: number): Promise<void> => new Promise((done) => window.setTimeout(done, ms));

function read_again({ cache, ws }: Desk): void {
  for (const part of ['cases', 'case', 'timeline', 'counts', 'teams', 'view_counts', 'macros', 'acts'])
    void cache.invalidateQueries({ queryKey: key.part(ws, part) });
}

async function to_its_end(desk: Desk, first: Act): Promise<Act> {
  if (!running(first)) return first;
  const cancel = (): void => void post(ws_path(desk.ws, `/acts/${first.id}/cancel`)).catch(() => undefined);
  const far = (act: Act) => ({ done: act.done + act.refused, of: act.cases, cancel });
  const toast = show_toast({
    text: 'toast.working',
    params: { count: first.cases },
    tone: 'plain',
    progress: far(first),
  });
  let act = first;
  try {
    while (running(act)) {
      await pause(300);
      act = await call<Act>(ws_path(desk.ws, `/acts/${act.id}`));
      change_toast(toast, { progress: far(act) });
    }
  } finally {
    close_toast(toast);
  }
  return act;
}

function refused(error: unknown): void {
  show_toast({ text: 'toast.refused', tone: 'act', params: { why: words_of(error), number: '' } });
}

export async function undo_act(desk: Desk, act: Act): Promise<void> {
  try {
    const back = await to_its_end(desk, await post<Act>(ws_path(desk.ws, `/acts/${act.id}/undo`)));
    announce(t('toast.undone'));
    if (back.not_undone > 0)
      show_toast({ text: 'acts.not_undone', params: { count: back.not_undone }, tone: 'plain' });
  } catch (error) {
    refused(error);
  }
  read_again(desk);
}

// Says that it waits for the connection; until then it can be taken back whole.
export function say_it_waits(item: Waiting, on_back: () => void = () => {}): void {
  announce(t('toast.waits'));
  show_toast({
    text: 'toast.waits',
    tone: 'plain',
    action: {
      label: 'action.undo',
      run: () => {
        if (!take_back(item)) {
          show_toast({ text: 'toast.left_already', tone: 'plain' });
          return;
        }
        on_back();
        announce(t('toast.undone'));
      },
    },
  });
}

export async function run_act(desk: Desk, request: ActRequest): Promise<void> {
  const body = { ...request, request_id: new_request() };
  const item: Waiting = { path: ws_path(desk.ws, '/acts'), method: 'POST', body };
  try {
    const begun = await send_or_keep<Act>(item);
    if (begun === 'later') {
      say_it_waits(item);
      return;
    }
    const act = await to_its_end(desk, begun);
    read_again(desk);
    announce(t('acts.done', { count: act.done }));
    show_toast({
      text: act.refused > 0 ? 'acts.done_but' : 'acts.done',
      params: { count: act.done, refused: act.refused },
      tone: 'plain',
      action: { label: 'action.undo', run: () => void undo_act(desk, act) },
    });
  } catch (error) {
    refused(error);
  }
}
