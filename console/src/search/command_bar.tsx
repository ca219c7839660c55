// Ctrl/⌘+K: what can be done right here, by name. Whatever is typed can also be searched for.

import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { save_me } from '../api/me_actions';
import { useTopics } from '../api/queries';
import { useDesk } from '../app/desk';
import { go, inbox_path, search_path, settings_pages, settings_path } from '../app/router';
import { current_language, t } from '../i18n/i18n';
import { run_command, useAvailable } from '../keys/commands';
import { type CommandId, key_label, shortcut_of } from '../keys/keymap';
import { run_macro_on_open } from '../teamwork/dialog_store';
import { useMacros, useTeams, useViews } from '../teamwork/queries';
import { Dialog } from '../ui/dialog';
import { type Pick, PickList } from '../ui/pick_list';

const order: CommandId[] = [
  'next_best',
  'reply',
  'note',
  'resolve',
  'resolve_next',
  'take_back',
  'assign',
  'assign_me',
  'snooze',
  'watch',
  'opinion',
  'dismiss',
  'tag',
  'macro',
  'hand_over',
  'follow',
  'escalate',
  'select',
  'undo',
  'person',
  'go_now',
  'go_mine',
  'go_found',
  'go_waiting',
  'go_snoozed',
  'go_watched',
  'go_purchase',
  'go_opinions',
  'go_resolved',
  'go_dismissed',
  'go_all',
  'search',
  'help',
];

export default function CommandBar({ on_close }: { on_close: () => void }) {
  const { ws, me } = useDesk();
  const cache = useQueryClient();
  const available = useAvailable();
  const topics = useTopics(ws).data;
  const macros = useMacros(ws).data;
  const views = useViews(ws).data;
  const teams = useTeams(ws).data?.items;
  const [able] = useState(available);
  const dark = document.documentElement.dataset.theme === 'dark';
  const other = current_language() === 'ja' ? 'en' : 'ja';
  const further = useMemo(() => {
    const runs = new Map<string, () => void>();
    const picks: Pick[] = [];
    const add = (id: string, label: string, run: () => void, words = ''): void => {
      runs.set(id, run);
      picks.push({ id, label, words });
    };
    for (const topic of topics ?? [])
      add(`topic ${topic.id}`, t('command.topic', { name: topic.name }), () =>
        go(inbox_path(ws, 'all', null, topic.id)),
      );
    for (const macro of macros ?? [])
      if (able.has('macro'))
        add(`macro ${macro.id}`, t('command.macro_named', { name: macro.name }), () =>
          run_macro_on_open(macro),
        );
    for (const view of views ?? [])
      add(`view ${view.id}`, t('command.view', { name: view.name }), () =>
        go(inbox_path(ws, `saved:${view.id}`)),
      );
    for (const team of teams ?? [])
      add(`team ${team.id}`, t('command.team', { name: team.name }), () =>
        go(inbox_path(ws, `team:${team.id}`)),
      );
    for (const page of settings_pages)
      add(
        `settings ${page}`,
        t('command.settings', { name: t(`settings.${page}`) }),
        () => go(settings_path(ws, page)),
        'settings',
      );
    for (const one of me.workspaces)
      if (one.id !== ws)
        add(
          `workspace ${one.id}`,
          t('command.workspace', { name: one.name }),
          () => go(inbox_path(one.id, 'now')),
          'workspace',
        );
    add(
      'theme',
      t(dark ? 'theme.use_light' : 'theme.use_dark'),
      () => void save_me(cache, { preferences: { ...me.preferences, theme: dark ? 'light' : 'dark' } }),
      'theme dark light',
    );
    add(
      'language',
      t(other === 'ja' ? 'language.ja' : 'language.en'),
      () => void save_me(cache, { language: other }),
      'language 言語',
    );
    const compact = me.preferences.density === 'compact';
    add(
      'density',
      t(compact ? 'density.use_comfortable' : 'density.use_compact'),
      () =>
        void save_me(cache, {
          preferences: { ...me.preferences, density: compact ? 'comfortable' : 'compact' },
        }),
      'density',
    );
    return { runs, picks };
  }, [ws, me, topics, macros, views, teams, able, cache, dark, other]);
  const picks: Pick[] = [
    ...order
      .filter((id) => able.has(id))
      .map((id) => ({
        id,
        label: t(`command.${id}`),
        words: id,
        hint: <kbd>{key_label(shortcut_of(id) ?? '')}</kbd>,
      })),
    ...further.picks,
  ];
  const run = (id: string): void => {
    on_close();
    // After the dialog has given the focus back.
    window.setTimeout(() => (further.runs.get(id) ?? (() => run_command(id as CommandId)))(), 30);
  };
  return (
    <Dialog bare wide title={t('command.commands')} on_close={on_close}>
      <PickList
        picks={picks}
        label={t('command.commands')}
        placeholder={t('command.placeholder')}
        on_pick={run}
        on_free={(text) => {
          on_close();
          go(search_path(ws, text));
        }}
        free_label={(text) => t('command.search_for', { text })}
      />
    </Dialog>
  );
}
