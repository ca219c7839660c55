// One workspace: rail, the page asked for, the live stream, the keys that go everywhere, and the offline bar.
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { type ApiError, put } from '../api/client';
import { ws_path } from '../api/keys';
import { useWorkspace } from '../api/queries';
import type { Id, Me, View } from '../api/types';
import { words_of } from '../api/words_of';
import { return_to_composer } from '../composer/returned';
import { current_language, t } from '../i18n/i18n';
import { use_zone } from '../i18n/time_words';
import { InboxScreen } from '../inbox/inbox_screen';
import { Rail } from '../inbox/rail';
import { useCommand } from '../keys/commands';
import { connect_live } from '../live/connection';
import { send_waiting, when_queue } from '../live/queue';
import { Failed, Loading } from '../ui/state';
import { announce, close_toast, last_action, show_toast } from '../ui/toast_store';
import { DeskContext } from './desk';
import { OfflineBar } from './offline_bar';
import { approvals_path, go, inbox_path, search_path, settings_path, useRoute } from './router';
import style from './workspace_screen.module.css';

const Settings = lazy(() => import('../settings/settings_screen'));
const Approvals = lazy(() => import('../approvals/approvals_screen'));
const NoticesScreen = lazy(() => import('../notices/notices_screen'));
const SearchScreen = lazy(() => import('../search/search_screen'));
const CommandBar = lazy(() => import('../search/command_bar'));
const Help = lazy(() => import('../keys/help'));
const TopicScreen = lazy(() => import('../topics/topic_screen'));
const Welcome = lazy(() => import('../first_run/welcome'));

export function WorkspaceScreen({ me, ws }: { me: Me; ws: Id }) {
  const route = useRoute();
  const cache = useQueryClient();
  const workspace = useWorkspace(ws);
  const [over, set_over] = useState<'commands' | 'help' | null>(null);
  const [rail_open, set_rail_open] = useState(false);
  const role = workspace.data?.role ?? me.workspaces.find((one) => one.id === ws)!.role;
  const context = useMemo(
    () => ({ ws, me, role, workspace: workspace.data }),
    [ws, me, role, workspace.data],
  );
  if (workspace.data) use_zone(workspace.data.time_zone);

  useEffect(
    () =>
      connect_live(cache, ws, me.id, (change) => {
        if (change.kind === 'case.opened' && change.case)
          announce(t('announce.new_case', { name: change.case.name }));
      }),
    [cache, ws, me.id],
  );
  useEffect(() => {
    when_queue(
      (error: ApiError, item) => {
        show_toast({ text: 'toast.refused', tone: 'act', params: { why: words_of(error), number: '' } });
        // A reply that the server holds back after all: its words go back to where they were written.
        const case_id = /\/cases\/(\d+)\/replies$/.exec(item.path)?.[1];
        const { text, attachment_ids } = item.body as { text?: string; attachment_ids?: Id[] };
        if (!case_id || !text) return;
        return_to_composer(case_id, text);
        void put(ws_path(ws, `/cases/${case_id}/draft`), { kind: 'reply', text, attachment_ids });
      },
      () => {
        void cache.invalidateQueries({ queryKey: ['ws', ws] });
        show_toast({ text: 'toast.sent_waiting', tone: 'plain' });
      },
    );
    void send_waiting();
  }, [cache, ws]);

  const place = route.page === 'inbox' ? `${route.view} ${route.topic}` : route.page;
  // biome-ignore lint/correctness/useExhaustiveDependencies: closes whenever the place changes
  useEffect(() => set_rail_open(false), [place]);

  const to = (view: View) => () => go(inbox_path(ws, view));
  useCommand('go_now', to('now'));
  useCommand('go_mine', to('mine'));
  useCommand('go_found', to('found'));
  useCommand('go_waiting', to('waiting'));
  useCommand('go_snoozed', to('snoozed'));
  useCommand('go_watched', to('watched'));
  useCommand('go_purchase', to('purchase'));
  useCommand('go_opinions', to('opinions'));
  useCommand('go_resolved', to('resolved'));
  useCommand('go_dismissed', to('dismissed'));
  useCommand('go_all', to('all'));
  useCommand('go_settings', () => go(settings_path(ws, 'general')));
  useCommand('go_approvals', () => go(approvals_path(ws)));
  useCommand('search', () => go(search_path(ws, '')));
  useCommand('commands', () => set_over('commands'));
  useCommand('help', () => set_over('help'));
  useCommand('undo', () => {
    const toast = last_action();
    toast?.action?.run();
    if (toast) close_toast(toast.id);
  });

  if (workspace.error && !workspace.data)
    return <Failed error={workspace.error} retry={() => void workspace.refetch()} />;
  const open_rail = () => set_rail_open(true);
  return (
    <DeskContext value={context}>
      <div className={style.screen} lang={current_language()}>
        <Rail
          open={rail_open}
          on_close={() => set_rail_open(false)}
          on_commands={() => set_over('commands')}
          on_help={() => set_over('help')}
        />
        <div className={style.main}>
          <OfflineBar />
          <Suspense fallback={<Loading />}>
            {route.page === 'inbox' && (
              <InboxScreen
                view={route.view}
                topic={route.topic}
                case_id={route.case_id}
                on_menu={open_rail}
                on_commands={() => set_over('commands')}
              />
            )}
            {route.page === 'search' && (
              <SearchScreen query={route.query} case_id={route.case_id} on_menu={open_rail} />
            )}
            {route.page === 'approvals' && <Approvals on_menu={open_rail} />}
            {route.page === 'notices' && <NoticesScreen on_menu={open_rail} />}
            {route.page === 'settings' && (
              <Settings section={route.section} item={route.item} on_menu={open_rail} />
            )}
            {route.page === 'topic' && <TopicScreen id={route.topic} edit={route.edit} on_menu={open_rail} />}
            {route.page === 'welcome' && <Welcome />}
          </Suspense>
        </div>
      </div>
      <Suspense fallback={null}>
        {over === 'commands' && <CommandBar on_close={() => set_over(null)} />}
        {over === 'help' && <Help on_close={() => set_over(null)} />}
      </Suspense>
    </DeskContext>
  );
}
