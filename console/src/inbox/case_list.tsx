// The virtual list: only what is seen is drawn, the next page is fetched before its end is reached.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { CaseRow, Id, View } from '../api/types';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { useNow } from '../i18n/use_now';
import { list_focus } from '../live/list_focus';
import style from './case_list.module.css';
import { Row } from './row';
import { selection } from './selection';

interface Props {
  rows: CaseRow[];
  view: View;
  cursor: Id | null;
  fresh: ReadonlySet<Id>;
  selected: ReadonlySet<Id>;
  all: boolean;
  more: boolean;
  loading: boolean;
  on_more: () => void;
  on_open: (id: Id) => void;
}
export function CaseList({
  rows,
  view,
  cursor,
  fresh,
  selected,
  all,
  more,
  loading,
  on_more,
  on_open,
}: Props) {
  const { me } = useDesk();
  const box = useRef<HTMLDivElement>(null);
  const now = useNow();
  const compact = me.preferences.density === 'compact';
  const height = compact ? 58 : 88;
  const list = useVirtualizer({
    count: rows.length + (more ? 1 : 0),
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: 12,
    getItemKey: (at) => rows[at]?.id ?? 'more',
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured again when the density changes
  useEffect(() => list.measure(), [height]);
  const shown = list.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && !loading && last >= rows.length - 40) on_more();
  }, [more, loading, last, rows.length, on_more]);

  const cursor_at = rows.findIndex((row) => row.id === cursor);
  const scrolled_to = useRef<Id | null>(null);
  useEffect(() => {
    if (cursor_at < 0 || scrolled_to.current === cursor) return;
    scrolled_to.current = cursor;
    list.scrollToIndex(cursor_at, { align: 'auto' });
  }, [cursor, cursor_at, list]);
  const fresh_at = fresh.size === 0 ? -1 : rows.findIndex((row) => fresh.has(row.id));
  useEffect(() => {
    if (fresh_at >= 0) list.scrollToIndex(fresh_at, { align: 'auto' });
  }, [fresh_at, list]);

  return (
    <div
      ref={box}
      className={style.rows}
      role="listbox"
      tabIndex={0}
      aria-label={t('list.label')}
      aria-multiselectable="true"
      aria-activedescendant={cursor_at >= 0 ? `row-${cursor}` : undefined}
      onScroll={(event) => (list_focus.at_top = event.currentTarget.scrollTop < 8)}
    >
      <div className={style.canvas} role="presentation" style={{ height: list.getTotalSize() }}>
        {shown.map((item) => {
          const row = rows[item.index];
          return (
            <div
              key={item.key}
              className={style.slot}
              role="presentation"
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
            >
              {row ? (
                <Row
                  row={row}
                  view={view}
                  now={now}
                  compact={compact}
                  current={row.id === cursor}
                  fresh={fresh.has(row.id)}
                  selected={all || selected.has(row.id)}
                  selecting={all || selected.size > 0}
                  at={item.index + 1}
                  of={more ? -1 : rows.length}
                  on_open={on_open}
                  on_select={selection.toggle}
                />
              ) : (
                <div className={style.more}>{t('list.loading_more')}</div>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
