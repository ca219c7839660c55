// A draft survives everything: written to the browser's storage at every stroke and to the server a moment later.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { call } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { CaseDetail, Id } from '../api/types';

export type DraftKind = 'reply' | 'note';
interface Kept {
  text: string;
  attachment_ids: Id[];
  at: number;
}
// A browser may serve several people, each with words of their own.
const place = (me: Id, ws: Id, case_id: Id, kind: DraftKind): string =>
  `kiki.draft.${me}.${ws}.${case_id}.${kind}`;
function read(name: string): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(name) ?? 'null') as Kept | null;
  } catch {
    return null;
  }
}

export function useDraft(ws: Id, me: Id, detail: CaseDetail, kind: DraftKind) {
  const cache = useQueryClient();
  const name = place(me, ws, detail.id, kind);
  const [draft, set_draft] = useState<Kept>(() => {
    const local = read(name);
    const server = detail.drafts.find((one) => one.user_id === me && one.kind === kind);
    const server_at = server ? Date.parse(server.updated_at) : 0;
    if (local && local.at >= server_at) return local;
    return { text: server?.text ?? '', attachment_ids: server?.attachment_ids ?? [], at: server_at };
  });
  const timer = useRef(0);
  const unsent = useRef<Kept | null>(null);
  const path = ws_path(ws, `/cases/${detail.id}/draft`);
  const send = useRef((_keepalive: boolean) => {});
  send.current = (keepalive) => {
    window.clearTimeout(timer.current);
    const kept = unsent.current;
    if (!kept) return;
    unsent.current = null;
    const empty = kept.text === '' && kept.attachment_ids.length === 0;
    const request = empty
      ? call(`${path}?kind=${kind}`, { method: 'DELETE', keepalive })
      : call(path, {
          method: 'PUT',
          body: { kind, text: kept.text, attachment_ids: kept.attachment_ids },
          keepalive,
        });
    // Not reached: the browser's copy is newer and wins when the case is opened again.
    request.then(() => empty && localStorage.removeItem(name)).catch(() => undefined);
  };
  const write = (text: string, attachment_ids: Id[] = draft.attachment_ids): void => {
    const kept = { text, attachment_ids, at: Date.now() };
    set_draft(kept);
    localStorage.setItem(name, JSON.stringify(kept));
    unsent.current = kept;
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => send.current(false), 700);
  };
  const clear = (): void => {
    write('', []);
    cache.setQueryData<CaseDetail>(
      key.case_detail(ws, detail.id),
      (old) => old && { ...old, drafts: old.drafts.filter((one) => one.user_id !== me || one.kind !== kind) },
    );
    send.current(false);
  };
  useEffect(() => {
    const leave = () => send.current(true);
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      leave();
    };
  }, []);
  return { text: draft.text, attachment_ids: draft.attachment_ids, write, clear };
}
