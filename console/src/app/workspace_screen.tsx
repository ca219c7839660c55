// One workspace: rail, the page asked for, the live stream, the keys that go everywhere, and the offline bar.
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { put } from '../api/client';
import { ws_path } from '../api/keys';
import { useWorkspace } from '../api/queries';
import type { Id, Me, View } from '../api/types';
import { return_to_composer } from '../composer/returned';
import { current_language, t } from '../i18n/i18n';
import { use_zone } from '../i18n/time_words';
import { InboxScreen } from '../inbox/inbox_screen';
import { Rail } from '../inbox/rail';
import { useCommand } from '../keys/commands';
import { connect_live } from '../live/connection';
import { case_of, open_queue, workspace_of } from '../live/queue';
import { Boundary } from '../ui/boundary';
import { Failed, Loading } from '../ui/state';
import { announce, close_toast, last_action, show_toast } from '../ui/toast_store';
import { DeskContext } from './desk';
import { OfflineBar } from './offline_bar';
import {
  Approvals,
  CommandBar,
  fetch_parts,
  Help,
  NoticesScreen,
  SearchScreen,
  Settings,
  TopicScreen,
} from './parts';
import { approvals_path, go, inbox_path, search_path, settings_path, useRoute } from './router';
import style from './workspace_screen.module.css';

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
    open_queue(
      me.id,
      ({ item }) => {
        // Words that the server holds back after all go back to where they were written.
        const case_id = case_of(item);
        const kind = /\/replies$/.test(item.path)
          ? 'reply'
          : /\/(notes|handover)$/.test(item.path)
            ? 'note'
            : null;
        const said = item.body as { text?: string; note?: string; attachment_ids?: Id[] };
        const { text = said.note, attachment_ids } = said;
        if (!case_id || !text || !kind) return;
        if (kind === 'reply') return_to_composer(case_id, text);
        void put(ws_path(workspace_of(item) ?? ws, `/cases/${case_id}/draft`), {
          kind,
          text,
          attachment_ids,
        }).catch(() => undefined);
      },
      ({ sent, not_done, left }) => {
        void cache.invalidateQueries({ queryKey: ['ws', ws] });
        // What was not done stands in the bar until it is read.
        if (not_done.length === 0)
          show_toast({ text: 'toast.sent_waiting', params: { count: sent }, tone: 'plain' });
        if (left > 0) show_toast({ text: 'acts.will_refuse', params: { count: left }, tone: 'act' });
      },
    );
  }, [cache, ws, me.id]);

  useEffect(fetch_parts, []);

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
          <Boundary key={route.page}>
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
              {route.page === 'topic' && (
                <TopicScreen id={route.topic} edit={route.edit} on_menu={open_rail} />
              )}
              {route.page === 'welcome' && <Welcome />}
            </Suspense>
          </Boundary>
        </div>
      </div>
      <Boundary small key={over ?? 'none'}>
        <Suspense fallback={null}>
          {over === 'commands' && <CommandBar on_close={() => set_over(null)} />}
          {over === 'help' && <Help on_close={() => set_over(null)} />}
        </Suspense>
      </Boundary>
    </DeskContext>
  );
}
