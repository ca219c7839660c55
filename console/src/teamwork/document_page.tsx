// A page of macros, views or rules: cards in an order that a lead may change, by button or Alt with an arrow.
import { type UseQueryResult, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { patch, remove } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { Id } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { composes } from '../keys/keymap';
import { Listed } from '../settings/listed';
import style from '../settings/settings.module.css';
import { useChange } from '../settings/use_change';
import { Button } from '../ui/button';
import { State } from '../ui/state';
import { announce } from '../ui/toast_store';
import { moved } from './moved';

interface Document {
  id: Id;
  name: string;
  shared: boolean;
  place: number;
}
interface Props<T extends Document> {
  kind: 'macro' | 'view' | 'rule';
  of: UseQueryResult<T[]>;
  about: string;
  may_add: boolean;
  off?: (one: T) => boolean;
  name?: (one: T) => ReactNode;
  card: (one: T) => ReactNode;
  verbs?: (one: T, may: boolean) => ReactNode;
  below?: (one: T) => ReactNode;
  edit: (one: T | null, on_close: () => void) => ReactNode;
}
export function DocumentPage<T extends Document>(props: Props<T>) {
  const { kind, of, about, may_add, off, name, card, verbs, below, edit } = props;
  const { ws, role, can_act } = useDesk();
  const cache = useQueryClient();
  const { change, busy } = useChange(`${kind}s`, 'view_counts');
  const [editing, set_editing] = useState<T | 'new' | null>(null);
  const lead = at_least(role, 'lead');
  const may = (one: T): boolean => (one.shared || kind === 'rule' ? lead : can_act || kind === 'view');

  const move = (list: T[], at: number, by: -1 | 1): void => {
    const next = moved(list, at, at + by);
    const one = list[at];
    if (busy || !lead || !next || !one) return;
    cache.setQueryData(key.part(ws, `${kind}s`), next.list);
    announce(t('documents.moved', { name: one.name, place: at + by + 1, of: list.length }));
    void change(() =>
      Promise.all(next.changed.map(({ id, place }) => patch(ws_path(ws, `/${kind}s/${id}`), { place }))),
    );
    // The card was put elsewhere in the page: its button keeps the keyboard.
    window.requestAnimationFrame(() => document.getElementById(`move-${one.id}-${by}`)?.focus());
  };

  return (
    <>
      <div className={style.title}>
        <h2>{t(`settings.${kind}s`)}</h2>
        {may_add && (
          <Button look="primary" onClick={() => set_editing('new')}>
            {t(`${kind}s.add`)}
          </Button>
        )}
      </div>
      <p className={style.about}>{about}</p>
      {lead && (of.data?.length ?? 0) > 1 && <p className={style.about}>{t('documents.order')}</p>}
      <Listed of={of} empty={<State title={t(`${kind}s.none.title`)} text={t(`${kind}s.none.text`)} />}>
        {(list) => (
          <div className={style.cards}>
            {list.map((one, at) => (
              <article
                key={one.id}
                className={`${style.card} ${off?.(one) ? style.off : ''}`}
                onKeyDown={(event) => {
                  if (!event.altKey || composes(event.nativeEvent)) return;
                  if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
                  event.preventDefault();
                  move(list, at, event.key === 'ArrowUp' ? -1 : 1);
                }}
              >
                {name ? name(one) : <b>{one.name}</b>}
                {card(one)}
                <div className={style.verbs}>
                  {verbs?.(one, may(one))}
                  {may(one) && <Button onClick={() => set_editing(one)}>{t('action.edit')}</Button>}
                  {lead && list.length > 1 && (
                    <>
                      <Button
                        id={`move-${one.id}--1`}
                        icon
                        aria-disabled={at === 0}
                        aria-label={t('documents.up', { name: one.name })}
                        title={`${t('promise.up')} (Alt+↑)`}
                        onClick={() => move(list, at, -1)}
                      >
                        ↑
                      </Button>
                      <Button
                        id={`move-${one.id}-1`}
                        icon
                        aria-disabled={at === list.length - 1}
                        aria-label={t('documents.down', { name: one.name })}
                        title={`${t('promise.down')} (Alt+↓)`}
                        onClick={() => move(list, at, 1)}
                      >
                        ↓
                      </Button>
                    </>
                  )}
                  {may(one) && (
                    <Button
                      look="quiet"
                      disabled={busy}
                      aria-label={t('action.remove_named', { name: one.name })}
                      onClick={() => void change(() => remove(ws_path(ws, `/${kind}s/${one.id}`)))}
                    >
                      {t('action.remove')}
                    </Button>
                  )}
                </div>
                {below?.(one)}
              </article>
            ))}
          </div>
        )}
      </Listed>
      {editing && edit(editing === 'new' ? null : editing, () => set_editing(null))}
    </>
  );
}
