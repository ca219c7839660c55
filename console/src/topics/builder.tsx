// Building a topic: the query in colours, its tree, what the topic takes as the same, whom it does not hear, its
// themes; and beside it the stored posts that it would have caught.
import { useMemo, useState } from 'react';
import { ApiError, patch, post } from '../api/client';
import { ws_path } from '../api/keys';
import type { Folding, Mutes, PreviewPost, QueryMistake, Theme, Topic } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { go, settings_path } from '../app/router';
import { t, t_or } from '../i18n/i18n';
import { useChange } from '../settings/use_change';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { Check, Field } from '../ui/field';
import field from '../ui/field.module.css';
import style from './builder.module.css';
import { Preview } from './preview';
import { QueryField } from './query_field';
import { QueryTree } from './query_tree';
import { Suggestions } from './suggestions';
import { useParsed, usePreview, useSettled } from './use_query';
import { XRules } from './x_rules';

const all_folding: Folding = { kana: true, dashes: true, small_kana: true, runs: true };
const no_mutes: Mutes = { authors: [], bots: false, giveaways: false };
const foldings = ['kana', 'dashes', 'small_kana', 'runs'] as const;

export function Builder({ topic }: { topic: Topic | null }) {
  const { ws } = useDesk();
  const { change, busy } = useChange('topics', 'stream', 'topic');
  const [name, set_name] = useState(topic?.name ?? '');
  const [query, set_query] = useState(topic?.query ?? '');
  const [composing, set_composing] = useState(false);
  const [folding, set_folding] = useState(topic?.folding ?? all_folding);
  const [mutes, set_mutes] = useState(topic?.mutes ?? no_mutes);
  const [themes, set_themes] = useState<Theme[]>(topic?.themes ?? []);
  const [is_competitor, set_competitor] = useState(topic?.is_competitor ?? false);
  const [error, set_error] = useState('');
  const [refused, set_refused] = useState<{ query: string; mistakes: QueryMistake[] } | null>(null);
  const settled = useSettled(query, 220, composing);
  const answer = useParsed(ws, settled).data;
  const said = settled.trim() === '' ? undefined : answer;
  const mistakes = refused?.query === query ? refused.mistakes : (said?.parsed.mistakes ?? []);
  const checked = refused?.query === query ? query : (said?.query ?? '');
  const good = said?.parsed.tree ? said.query : '';
  const asked = useMemo(
    () => ({ query: good, folding, mutes, topic_id: topic?.id ?? null }),
    [good, folding, mutes, topic],
  );
  const preview = usePreview(ws, asked, good !== '');

  // What the query's text says, and what the stored posts say of it.
  const advice =
    said?.query !== query
      ? []
      : [
          ...said.parsed.advice,
          ...(preview.isPlaceholderData || good !== query ? [] : (preview.data?.advice ?? [])),
        ];

  const save = async (): Promise<void> => {
    set_error('');
    if (query.trim() === '') return set_error(t('topics.need_query'));
    const body = {
      name: name.trim() || query.trim().slice(0, 40),
      query,
      folding,
      mutes,
      themes: themes.filter((theme) => theme.name.trim() !== '' || theme.query.trim() !== ''),
      is_competitor,
    };
    try {
      await change(
        () =>
          topic
            ? patch<Topic>(ws_path(ws, `/topics/${topic.id}`), body)
            : post<Topic>(ws_path(ws, '/topics'), body),
        true,
      );
      go(settings_path(ws, 'topics'));
    } catch (reason) {
      if (reason instanceof ApiError && reason.problem.where === '/query' && reason.problem.mistakes)
        set_refused({ query, mistakes: reason.problem.mistakes });
      const where = reason instanceof ApiError ? /^\/themes\/(\d+)/.exec(reason.problem.where ?? '') : null;
      const theme = where ? themes[Number(where[1])]?.name : undefined;
      set_error(theme ? t('topic.theme.refused', { name: theme, why: words_of(reason) }) : words_of(reason));
    }
  };
  const mute = (author: PreviewPost) =>
    set_mutes({
      ...mutes,
      authors: [...mutes.authors, { id: author.author_id, handle: author.handle }],
    });
  const theme_at = (at: number, values: Partial<Theme>) =>
    set_themes(themes.map((theme, n) => (n === at ? { ...theme, ...values } : theme)));

  return (
    <div className={style.builder}>
      <form
        className={style.form}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing || event.keyCode === 229) return;
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void save();
          }
        }}
      >
        <Field
          label={t('field.topic_name')}
          value={name}
          maxLength={100}
          placeholder={t('field.topic_name.example')}
          onChange={(event) => set_name(event.target.value)}
        />
        <QueryField
          value={query}
          mistakes={mistakes}
          checked={checked}
          auto_focus
          on_change={(text, composes) => {
            set_query(text);
            set_composing(composes);
          }}
        />
        {said?.parsed.tree && (
          <section className={style.tree} aria-label={t('topic.tree')}>
            <QueryTree part={said.parsed.tree} />
            {said.parsed.x && <XRules x={said.parsed.x} query={said.query} />}
          </section>
        )}
        {advice.length > 0 && (
          <ul className={style.advice} aria-label={t('topic.advice')}>
            {advice.map((one) => (
              <li key={`${one.code} ${one.start}`}>
                <span>{t_or(`query.lint.${one.code}`, one.message, one.values)}</span>
                {one.instead !== undefined && (
                  <Button
                    onClick={() => set_query(query.slice(0, one.start) + one.instead + query.slice(one.end))}
                  >
                    {one.instead.trim() === ''
                      ? t('topic.mend.remove')
                      : t('topic.mend', { text: one.instead })}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
        {topic && <Suggestions topic={topic.id} query={query} on_query={set_query} />}
        <fieldset className={style.group}>
          <legend>{t('topic.mutes')}</legend>
          <Check
            label={t('topic.mutes.giveaways')}
            checked={mutes.giveaways}
            onChange={(event) => set_mutes({ ...mutes, giveaways: event.target.checked })}
          />
          <Check
            label={t('topic.mutes.bots')}
            checked={mutes.bots}
            onChange={(event) => set_mutes({ ...mutes, bots: event.target.checked })}
          />
          <ChipsInput
            label={t('topic.mutes.authors')}
            hint={t('topic.mutes.authors.hint')}
            values={mutes.authors.map((author) => author.handle || author.id)}
            on_change={(values) =>
              set_mutes({
                ...mutes,
                authors: values.map(
                  (value) =>
                    mutes.authors.find((author) => (author.handle || author.id) === value) ?? {
                      id: value.startsWith('did:') ? value : '',
                      handle: value.startsWith('did:') ? '' : value.replace(/^@/, ''),
                    },
                ),
              })
            }
          />
        </fieldset>
        <fieldset className={style.group}>
          <legend>{t('topic.themes')}</legend>
          <p className={field.hint}>{t('topic.themes.about')}</p>
          {themes.map((theme, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a new theme has no identity yet
            <div key={at} className={style.theme}>
              <input
                className={field.input}
                aria-label={t('topic.theme.name')}
                placeholder={t('topic.theme.name')}
                value={theme.name}
                onChange={(event) => theme_at(at, { name: event.target.value })}
              />
              <input
                className={field.input}
                aria-label={t('topic.theme.query')}
                placeholder={t('topic.theme.query')}
                value={theme.query}
                onChange={(event) => theme_at(at, { query: event.target.value })}
              />
              <Button
                look="quiet"
                aria-label={t('action.remove_named', { name: theme.name })}
                onClick={() => set_themes(themes.filter((_, n) => n !== at))}
              >
                {t('action.remove')}
              </Button>
            </div>
          ))}
          <Button onClick={() => set_themes([...themes, { name: '', query: '' }])}>
            {t('topic.theme.add')}
          </Button>
        </fieldset>
        <details className={style.more}>
          <summary>{t('topic.more')}</summary>
          <fieldset className={style.group}>
            <legend>{t('topic.folding')}</legend>
            {foldings.map((one) => (
              <Check
                key={one}
                label={t(`topic.folding.${one}`)}
                checked={folding[one]}
                onChange={(event) => set_folding({ ...folding, [one]: event.target.checked })}
              />
            ))}
          </fieldset>
          <Check
            label={t('topic.competitor')}
            hint={t('topic.competitor.hint')}
            checked={is_competitor}
            onChange={(event) => set_competitor(event.target.checked)}
          />
        </details>
        {error && (
          <p className={field.error} role="alert">
            {error}
          </p>
        )}
        <div className={style.verbs}>
          <Button onClick={() => go(settings_path(ws, 'topics'))}>{t('action.cancel')}</Button>
          <Button type="submit" look="primary" disabled={busy} keys="Mod+Enter">
            {t('action.save')}
          </Button>
        </div>
      </form>
      <Preview
        query={good}
        wrong={mistakes.length > 0 && checked === query}
        answer={preview.data}
        error={preview.error}
        waiting={preview.isFetching || settled !== query}
        muted={mutes}
        on_mute={mute}
        retry={() => void preview.refetch()}
      />
    </div>
  );
}
