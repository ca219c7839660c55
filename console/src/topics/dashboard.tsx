// What a topic found: how much, when, against whom, in which words, by whom, where. Every number opens its posts.
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { call } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { BehindKind, Counted, Id, TopicReport } from '../api/types';
import { useDesk } from '../app/desk';
import { current_language, network_name, plain_number, t } from '../i18n/i18n';
import { useNow } from '../i18n/use_now';
import { TopicAlarms } from '../notices/alarm_list';
import { Failed, Loading, State } from '../ui/state';
import { type Behind, BehindDialog } from './behind';
import style from './dashboard.module.css';
import { type Column, columns, type Span, span_times, spans } from './report_time';
import { VolumeChart } from './volume_chart';

export function Dashboard({ topic }: { topic: Id }) {
  const { ws, workspace } = useDesk();
  const now = useNow();
  const [span, set_span] = useState<Span>('week');
  const [behind, set_behind] = useState<Behind | null>(null);
  const times = span_times(span, now);
  const query = useQuery({
    queryKey: [...key.part(ws, 'report'), topic, span, times.to],
    queryFn: () =>
      call<TopicReport>(ws_path(ws, `/topics/${topic}/report?${new URLSearchParams(times).toString()}`)),
    placeholderData: (old) => old,
  });
  const report = query.data;
  if (query.error && !report) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (!report) return <Loading rows={4} />;
  const by_hour = span === 'day';
  const format = new Intl.DateTimeFormat(current_language(), {
    ...(workspace ? { timeZone: workspace.time_zone } : {}),
    ...(by_hour ? { hour: 'numeric' as const } : { month: 'numeric' as const, day: 'numeric' as const }),
  });
  const shown = columns(report, by_hour, (time) => format.format(time));
  const open = (title: string, kind?: BehindKind, value?: string) =>
    set_behind({
      topic,
      from: report.from,
      to: report.to,
      title,
      ...(kind ? { kind, value: value ?? '' } : {}),
    });
  const open_column = (column: Column) =>
    set_behind({ topic, from: column.from, to: column.to, title: `${report.name}, ${column.label}` });
  const list = (items: Counted[], kind: BehindKind, name: (item: Counted) => ReactNode, title = '') => (
    <Bars
      items={items.map((item) => ({
        id: item.value,
        name: name(item),
        posts: item.posts,
        open: () => open(title || item.value, kind, item.value),
      }))}
    />
  );
  return (
    <div>
      <div className={style.span} role="radiogroup" aria-label={t('report.span')}>
        {spans.map((one) => (
          <label key={one}>
            <input type="radio" name="span" checked={span === one} onChange={() => set_span(one)} />
            <span>{t(`report.span.${one}`)}</span>
          </label>
        ))}
      </div>
      <p className={style.sentence}>
        <button
          type="button"
          className={`${style.total} num`}
          disabled={report.posts === 0}
          onClick={() => open(report.name)}
        >
          {t('report.posts', { count: report.posts })}
        </button>{' '}
        {change_words(report.posts, report.previous_posts)}
      </p>
      {report.posts + report.previous_posts === 0 ? (
        <State art="ear" title={t('report.none.title')} text={t('report.none.text')} />
      ) : (
        <>
          <VolumeChart columns={shown} on_open={open_column} />
          <div className={style.panels}>
            <Panel title={t('report.share')} about={t('report.share.about')}>
              {report.share.length < 2 ? (
                <p className={style.empty}>{t('report.share.none')}</p>
              ) : (
                <Bars
                  items={report.share.map((voice) => ({
                    id: voice.topic_id,
                    name: voice.name,
                    posts: voice.posts,
                    strong: voice.topic_id === topic,
                    part: true,
                    open: () =>
                      set_behind({
                        topic: voice.topic_id,
                        from: report.from,
                        to: report.to,
                        title: voice.name,
                      }),
                  }))}
                />
              )}
            </Panel>
            {report.themes.length > 0 && (
              <Panel title={t('topic.themes')}>
                <Bars
                  items={report.themes.map((theme) => ({
                    id: theme.value,
                    name: theme.name,
                    posts: theme.posts,
                    open: () => open(theme.name, 'theme', theme.value),
                  }))}
                />
              </Panel>
            )}
            <Panel title={t('report.words')}>{list(report.words, 'word', (item) => item.value)}</Panel>
            <Panel title={t('report.authors')}>
              <Bars
                items={report.authors.map((author) => ({
                  id: author.value,
                  name: author.name || author.handle || t('report.unknown_author'),
                  posts: author.posts,
                  open: () => open(author.name || author.handle, 'author', author.value),
                }))}
              />
            </Panel>
            <Panel title={t('report.links')}>
              {list(report.links, 'link', (item) => item.value.replace(/^https?:\/\//, ''))}
            </Panel>
            <Panel title={t('report.networks')}>
              {list(report.networks, 'network', (item) => network_name(item.value))}
            </Panel>
          </div>
        </>
      )}
      <Panel title={t('alarms.title')}>
        <TopicAlarms topic={topic} name={report.name} />
      </Panel>
      {behind && <BehindDialog behind={behind} on_close={() => set_behind(null)} />}
    </div>
  );
}

function change_words(posts: number, previous: number): string {
  if (previous === 0) return t('report.change.new');
  const percent = Math.round(((posts - previous) / previous) * 100);
  if (percent === 0) return t('report.change.same', { count: previous });
  return t(percent > 0 ? 'report.change.more' : 'report.change.fewer', {
    percent: Math.abs(percent),
    count: previous,
  });
}

function Panel({ title, about, children }: { title: string; about?: string; children: ReactNode }) {
  return (
    <section className={style.panel} aria-label={title}>
      <h3>{title}</h3>
      {about && <p className={style.about}>{about}</p>}
      {children}
    </section>
  );
}

interface Bar {
  id: string;
  name: ReactNode;
  posts: number;
  strong?: boolean;
  part?: boolean; // shown as a share of all
  open: () => void;
}
function Bars({ items }: { items: Bar[] }) {
  if (items.length === 0) return <p className={style.empty}>{t('report.empty')}</p>;
  const most = Math.max(1, ...items.map((item) => item.posts));
  const all = Math.max(
    1,
    items.reduce((sum, item) => sum + item.posts, 0),
  );
  return (
    <ol className={style.bars}>
      {items.slice(0, 10).map((item) => (
        <li key={item.id}>
          <span className={item.strong ? style.strong : undefined}>{item.name}</span>
          <button
            type="button"
            className={`${style.number} num`}
            disabled={item.posts === 0}
            onClick={item.open}
          >
            {plain_number(item.posts)}
            {item.part && <small> {Math.round((item.posts / all) * 100)}%</small>}
          </button>
          <i aria-hidden="true">
            <b
              ref={(bar) => {
                if (bar) bar.style.width = `${(item.posts / most) * 100}%`;
              }}
            />
          </i>
        </li>
      ))}
    </ol>
  );
}
