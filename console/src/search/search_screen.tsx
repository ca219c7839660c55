// Search over posts, people and cases; a hit opens its case beside the list.
import { useEffect, useRef, useState } from 'react';
import { useSearch } from '../api/queries';
import type { Id, SearchHit } from '../api/types';
import { mark_of, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { go, search_path } from '../app/router';
import { CasePane } from '../case/case_pane';
import { Pickers } from '../case/pickers';
import { PromiseWhy } from '../case/promise_why';
import { t } from '../i18n/i18n';
import { absolute, ago } from '../i18n/time_words';
import { useNow } from '../i18n/use_now';
import { useCardOpen } from '../inbox/inbox_screen';
import panes from '../inbox/inbox_screen.module.css';
import { at_sign } from '../inbox/row';
import { useCommand } from '../keys/commands';
import { composes } from '../keys/keymap';
import PersonCard from '../person/person_card';
import { Avatar } from '../ui/avatar';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Marked } from '../ui/marked';
import { Failed, Loading, State } from '../ui/state';
import style from './search_screen.module.css';

export default function SearchScreen({
  query,
  case_id,
  on_menu,
}: {
  query: string;
  case_id: Id | null;
  on_menu: () => void;
}) {
  const { ws, me } = useDesk();
  const [text, set_text] = useState(query);
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef(0);
  const search = useSearch(ws, query);
  const now = useNow();
  const { card_open, toggle_card } = useCardOpen();
  const hits = search.data?.pages.flatMap((page) => page.items) ?? [];
  useEffect(() => {
    document.title = `${t('command.search')} · Kikimimi`;
    if (!case_id) field.current?.focus();
  }, [case_id]);
  useCommand('search', () => field.current?.select());
  const at = hits.findIndex((hit) => hit.case_id === case_id);
  const move = (by: number) => {
    const hit = hits[Math.min(hits.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    if (hit) go(search_path(ws, query, hit.case_id), { replace: true });
  };
  useCommand('next', () => move(1), hits.length > 0);
  useCommand('previous', () => move(-1), hits.length > 0);
  const ask = (next: string) => {
    window.clearTimeout(timer.current);
    go(search_path(ws, next.trim(), case_id), { replace: true });
  };
  const type = (next: string, composing: boolean) => {
    set_text(next);
    window.clearTimeout(timer.current);
    // Half-composed kana are not a question yet.
    if (!composing) timer.current = window.setTimeout(() => ask(next), 250);
  };
  return (
    <main
      className={`${panes.panes} ${case_id ? panes.with_case : ''} ${card_open && case_id ? panes.with_card : ''}`}
    >
      <section className={style.pane} aria-label={t('command.search')}>
        <h1 className="unseen">{t('command.search')}</h1>
        <form
          role="search"
          className={style.bar}
          onSubmit={(event) => {
            event.preventDefault();
            ask(text);
          }}
        >
          <Button look="quiet" icon className={style.menu} aria-label={t('rail.open')} onClick={on_menu}>
            <Icon name="menu" />
          </Button>
          <label className={style.field}>
            <Icon name="search" size={14} />
            <span className="unseen">{t('command.search')}</span>
            <input
              ref={field}
              type="search"
              value={text}
              placeholder={t('search.placeholder')}
              onChange={(event) => type(event.target.value, (event.nativeEvent as InputEvent).isComposing)}
              onCompositionEnd={(event) => type(event.currentTarget.value, false)}
              onKeyDown={(event) => {
                if (composes(event.nativeEvent)) return;
                if (event.key === 'ArrowDown') {
                  event.preventDefault();
                  move(at < 0 ? 0 : 1);
                  event.currentTarget.blur();
                }
                if (event.key === 'Escape') event.currentTarget.blur();
              }}
            />
          </label>
        </form>
        <div className={style.hits}>
          {query.trim() === '' ? (
            <State art="ear" title={t('search.begin.title')} text={t('search.begin.text')} />
          ) : search.isPending ? (
            <Loading />
          ) : search.error && hits.length === 0 ? (
            <Failed error={search.error} retry={() => void search.refetch()} />
          ) : hits.length === 0 ? (
            <State title={t('search.none.title', { query })} text={t('search.none.text')} />
          ) : (
            <ul aria-label={t('search.results')}>
              {hits.map((hit) => (
                <Hit
                  key={`${hit.case_id} ${hit.post_id}`}
                  hit={hit}
                  on={hit.case_id === case_id}
                  to={search_path(ws, query, hit.case_id)}
                  now={now}
                />
              ))}
            </ul>
          )}
          {search.hasNextPage && (
            <p className={style.more}>
              <Button
                look="quiet"
                disabled={search.isFetchingNextPage}
                onClick={() => void search.fetchNextPage()}
              >
                {t('search.more')}
              </Button>
            </p>
          )}
        </div>
      </section>
      {case_id ? (
        <CasePane
          key={case_id}
          case_id={case_id}
          card_open={card_open}
          on_card={toggle_card}
          on_back={() => go(search_path(ws, query))}
        />
      ) : (
        <section className={panes.empty}>
          <State art="ear" text={t('case.none')} />
        </section>
      )}
      {case_id && card_open && <PersonCard case_id={case_id} on_close={toggle_card} />}
      <Pickers me={me.id} />
      <PromiseWhy />
    </main>
  );
}

function Hit({ hit, on, to, now }: { hit: SearchHit; on: boolean; to: string; now: number }) {
  return (
    <li>
      <Link to={to} className={`${style.hit} ${on ? style.on : ''}`} aria-current={on ? 'true' : undefined}>
        <Avatar name={hit.name || hit.handle} mark={mark_of(hit.network)} />
        <span className={style.words}>
          <span className={style.top}>
            <b>{hit.name || hit.handle}</b>
            {hit.handle && <em>{at_sign(hit.handle)}</em>}
            <time className="num" dateTime={hit.at} title={absolute(hit.at)}>
              {ago(hit.at, now)}
            </time>
          </span>
          <span className={style.excerpt}>
            <Marked text={hit.excerpt} marks={hit.marks} />
          </span>
          <small className="num">
            #{hit.number} · {t(`status.${hit.status}`)}
          </small>
        </span>
      </Link>
    </li>
  );
}
