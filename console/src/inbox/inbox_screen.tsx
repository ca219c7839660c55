// The main screen: list, case, person card. On a phone one pane at a time.
import { useQueryClient } from '@tanstack/react-query';
import { Suspense, useEffect, useState } from 'react';
import { save_me } from '../api/me_actions';
import type { Id, View } from '../api/types';
import { useDesk } from '../app/desk';
import { PersonCard } from '../app/parts';
import { go, inbox_path } from '../app/router';
import { CasePane } from '../case/case_pane';
import { Pickers } from '../case/pickers';
import { PromiseWhy } from '../case/promise_why';
import { t } from '../i18n/i18n';
import { useCommand } from '../keys/commands';
import { TeamDialogs } from '../teamwork/team_dialogs';
import { useViewTitle } from '../teamwork/view_title';
import { Boundary } from '../ui/boundary';
import { State } from '../ui/state';
import { CaseListPane } from './case_list_pane';
import style from './inbox_screen.module.css';
import { useNextBest } from './use_next_best';

interface Props {
  view: View;
  topic: Id | null;
  case_id: Id | null;
  on_menu: () => void;
  on_commands: () => void;
}
export function InboxScreen({ view, topic, case_id, on_menu, on_commands }: Props) {
  const { ws, me } = useDesk();
  const { card_open, toggle_card } = useCardOpen();
  const title = useViewTitle(view);
  useEffect(() => {
    document.title = `${title} · Kikimimi`;
  }, [title]);
  useNextBest(view, topic, case_id);
  const close = () => go(inbox_path(ws, view, null, topic));
  const names = [style.panes, case_id ? style.with_case : '', card_open && case_id ? style.with_card : ''];
  return (
    <main className={names.join(' ')}>
      <CaseListPane
        key={`${view} ${topic}`}
        view={view}
        topic={topic}
        case_id={case_id}
        on_menu={on_menu}
        on_commands={on_commands}
      />
      {case_id ? (
        <CasePane
          key={case_id}
          case_id={case_id}
          card_open={card_open}
          on_card={toggle_card}
          on_back={close}
        />
      ) : (
        <section className={style.empty}>
          <State art="ear" text={t('case.none')} />
        </section>
      )}
      {case_id && card_open && (
        <Boundary small>
          <Suspense fallback={<aside />}>
            <PersonCard case_id={case_id} on_close={toggle_card} />
          </Suspense>
        </Boundary>
      )}
      <Pickers me={me.id} />
      <TeamDialogs />
      <PromiseWhy />
    </main>
  );
}

// Wide screens remember; narrow ones open the card only when asked.
export function useCardOpen() {
  const { me } = useDesk();
  const cache = useQueryClient();
  const narrow = useNarrow();
  const [asked, set_asked] = useState(false);
  const card_open = narrow ? asked : (me.preferences.list_card_open ?? true);
  const toggle_card = () => {
    if (narrow) set_asked(!asked);
    else void save_me(cache, { preferences: { ...me.preferences, list_card_open: !card_open } });
  };
  useCommand('person', toggle_card);
  return { card_open, toggle_card };
}
function useNarrow(): boolean {
  const [narrow, set_narrow] = useState(() => window.matchMedia('(max-width: 1180px)').matches);
  useEffect(() => {
    const query = window.matchMedia('(max-width: 1180px)');
    const change = () => set_narrow(query.matches);
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, []);
  return narrow;
}
