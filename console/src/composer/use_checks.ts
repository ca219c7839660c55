// What the server's checks say about the draft: asked a moment after the last stroke, never while an input method
// composes, and again when links were still being looked at.
import { useEffect, useRef, useState } from 'react';
import { post } from '../api/client';
import { ws_path } from '../api/keys';
import type { Finding, Id, ReplyChecks, ReplyWay } from '../api/types';

const wait_ms = 400;
const has_link = /https?:\/\/\S/i;
const links_ms = 1_500; // a link is looked at when the writer pauses, not at each stroke

export interface Checks {
  findings: Finding[];
  text: string; // what they are about
  has_second_person: boolean;
  learn: ReplyChecks['learn'];
  show: (findings: Finding[], text: string) => void; // what a refused sending said
}
interface Said {
  findings: Finding[];
  text: string;
}
const nothing: Said = { findings: [], text: '' };

export function useChecks(
  ws: Id,
  case_id: Id,
  way: ReplyWay,
  text: string,
  composing: boolean,
  reachable: boolean,
): Checks {
  const [said, set_said] = useState<Said>(nothing);
  const [second, set_second] = useState(false);
  const [learn, set_learn] = useState<ReplyChecks['learn']>(null);
  const asked = useRef<AbortController | null>(null);
  const { account_id, target_post_id } = way;
  useEffect(() => {
    if (composing || !reachable) return;
    if (text.trim() === '') {
      set_said(nothing);
    }
    let timer = 0;
    const ask = (links: boolean): void => {
      asked.current?.abort();
      const control = new AbortController();
      asked.current = control;
      post<ReplyChecks>(ws_path(ws, `/cases/${case_id}/reply-checks`), {
        account_id,
        target_post_id,
        text,
        links,
      })
        .then((answer) => {
          if (control.signal.aborted) return;
          set_said(text.trim() === '' ? nothing : { findings: answer.findings, text });
          set_second(answer.has_second_person);
          set_learn(answer.learn);
          if (answer.looking_at_links || (!links && has_link.test(text)))
            timer = window.setTimeout(() => ask(true), links_ms);
        })
        .catch(() => undefined); // sending checks again, and says so
    };
    timer = window.setTimeout(() => ask(false), wait_ms);
    return () => {
      window.clearTimeout(timer);
      asked.current?.abort();
    };
  }, [ws, case_id, account_id, target_post_id, text, composing, reachable]);
  return {
    ...said,
    has_second_person: second,
    learn,
    show: (findings, about) => set_said({ findings, text: about }),
  };
}
