// The list of a view: header, "3 new", the virtual list, and what happens to a selection.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { key } from '../api/keys';
import { useCases, useTopics } from '../api/queries';
import type { CaseRow, Id, Page, View } from '../api/types';
import { useDesk } from '../app/desk';
import { go, inbox_path, search_path } from '../app/router';
import { prefetch_case } from '../case/prefetch';
import { t } from '../i18n/i18n';
import { run_command, useCommand } from '../keys/commands';
import { is_typing, key_label } from '../keys/keymap';
import { reveal_arrivals, settle_lists } from '../live/apply';
import { list_focus } from '../live/list_focus';
import { useViewTitle } from '../teamwork/view_title';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Failed, Loading } from '../ui/state';
import { BulkBar } from './bulk_bar';
import { CaseList } from './case_list';
import style from './case_list_pane.module.css';
import { EmptyList } from './empty_list';
import { ListCount, TopicCount } from './list_why';
import { selection, useSelected } from './selection';

interface Props {
  view: View;
  topic: Id | null;
  case_id: Id | null;
  on_menu: () => void;
  on_commands: () => void;
}
const no_rows: CaseRow[] = [];

// A case that moved while its page was on the way can come twice; the first place counts.
function each_once(pages: readonly Page<CaseRow>[]): CaseRow[] {
  const seen = new Set<Id>();
  return pages.flatMap((page) => page.items.filter((row) => !seen.has(row.id) && seen.add(row.id)));
}

export function CaseListPane({ view, topic, case_id, on_menu, on_commands }: Props) {
  const { ws, me, desk, can_act } = useDesk();
  const cache = useQueryClient();
  const list = useCases(ws, view, topic);
  const title = useViewTitle(view);
  const known_topic = useTopics(ws).data?.find((one) => one.id === topic);
  const arrivals = useQuery<CaseRow[]>({
    queryKey: key.arrivals(ws, view, topic),
    queryFn: () => no_rows,
    initialData: no_rows,
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
  const rows = useMemo(() => each_once(list.data?.pages ?? []), [list.data]);
  const [cursor, set_cursor] = useState<Id | null>(case_id);
  const [fresh, set_fresh] = useState<ReadonlySet<Id>>(new Set());
  const selected = useSelected();
  const timer = useRef(0);

  useEffect(() => {
    set_cursor(case_id);
    Object.assign(list_focus, { view, topic, open_case: case_id });
    settle_lists(cache, ws, me.id);
  }, [cache, ws, me.id, view, topic, case_id]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list, another choice
  useEffect(() => () => selection.clear(), [view, topic]);
  useEffect(
    () => () => {
      Object.assign(list_focus, {
        view: null,
        topic: null,
        open_case: null,
        pointer_inside: false,
        at_top: true,
      });
      settle_lists(cache, ws, me.id);
    },
    [cache, ws, me.id],
  );

  const open = useCallback(
    (id: Id, soon = false) => {
      set_cursor(id);
      window.clearTimeout(timer.current);
      // Running through the list with j should not open every case on the way.
      if (soon)
        timer.current = window.setTimeout(() => go(inbox_path(ws, view, id, topic), { replace: true }), 110);
      else go(inbox_path(ws, view, id, topic));
    },
    [ws, view, topic],
  );
  // On a wide screen the best next case is already open.
  const first = rows[0]?.id;
  useEffect(() => {
    if (case_id || !first || window.matchMedia('(max-width: 700px)').matches) return;
    go(inbox_path(ws, view, first, topic), { replace: true });
  }, [case_id, first, ws, view, topic]);

  // The next case is fetched ahead, so that it opens at once.
  const open_at = rows.findIndex((row) => row.id === case_id);
  const ahead = open_at < 0 ? undefined : rows[open_at + 1]?.id;
  useEffect(() => {
    if (!ahead) return;
    const timer = window.setTimeout(() => prefetch_case(cache, ws, ahead), 400);
    return () => window.clearTimeout(timer);
  }, [cache, ws, ahead]);

  const move = (by: number) => {
    const at = rows.findIndex((row) => row.id === (cursor ?? case_id));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    if (next) open(next.id, true);
  };
  useCommand('next', () => move(1), rows.length > 0);
  useCommand('previous', () => move(-1), rows.length > 0);
  useCommand(
    'open',
    () => {
      if (!cursor) return;
      open(cursor);
      // Reading goes on by keyboard: arrows scroll the story.
      window.setTimeout(() => {
        // Unless somebody is already writing.
        if (!is_typing(document.activeElement))
          document.querySelector<HTMLElement>('main [role="log"]')?.focus();
      }, 60);
    },
    cursor !== null,
  );
  useCommand('select', () => cursor && selection.toggle(cursor), cursor !== null);
  useCommand('close', () => selection.clear(), selected.all || selected.ids.size > 0);
  useCommand('select_all', selection.all, can_act && rows.length > 0);

  const chosen = useMemo(() => rows.filter((row) => selected.ids.has(row.id)), [rows, selected]);
  const reveal = () => {
    const shown = reveal_arrivals(cache, ws, view, topic);
    set_fresh(new Set(shown.map((row) => row.id)));
    window.setTimeout(() => set_fresh(new Set()), 2_500);
  };
  const name = known_topic?.name ?? title;

  return (
    <section
      className={style.pane}
      aria-label={t('list.label')}
      onPointerEnter={() => (list_focus.pointer_inside = true)}
      onPointerLeave={() => {
        list_focus.pointer_inside = false;
        settle_lists(cache, ws, me.id);
      }}
    >
      <header className={style.bar}>
        <Button look="quiet" icon className={style.menu} aria-label={t('rail.open')} onClick={on_menu}>
          <Icon name="menu" />
        </Button>
        <h1>{name}</h1>
        {known_topic ? <TopicCount topic={known_topic} /> : <ListCount view={view} title={title} />}
        {can_act && (view === 'now' || view === 'mine' || view === 'purchase') && (
          <Button
            keys="f"
            className={style.next}
            title={`${t('command.next_best')} (f)`}
            onClick={() => run_command('next_best')}
          >
            {t('action.next_best')}
          </Button>
        )}
        <button type="button" className={style.find} onClick={on_commands}>
          <span>{t('list.find')}</span> <kbd>{key_label('Mod+K')}</kbd>
        </button>
        <Button
          look="quiet"
          icon
          className={style.search}
          aria-label={t('command.search')}
          onClick={() => go(search_path(ws, ''))}
        >
          <Icon name="search" />
        </Button>
      </header>
      {arrivals.length > 0 && (
        <button type="button" className={style.fresh} onClick={reveal}>
          {t('list.new', { count: arrivals.length })}
        </button>
      )}
      {list.isPending ? (
        <Loading />
      ) : list.error && rows.length === 0 ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyList view={view} topic={topic} />
      ) : (
        <CaseList
          rows={rows}
          view={view}
          cursor={cursor ?? case_id}
          fresh={fresh}
          selected={selected.ids}
          all={selected.all}
          more={list.hasNextPage}
          loading={list.isFetchingNextPage}
          on_more={() => void list.fetchNextPage()}
          on_open={open}
        />
      )}
      {(chosen.length > 0 || selected.all) && rows.length > 0 && (
        <BulkBar
          rows={chosen}
          desk={desk}
          list={{ view, topic, name }}
          all={selected.all}
          more={list.hasNextPage || chosen.length < rows.length}
        />
      )}
    </section>
  );
}
