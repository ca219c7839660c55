// Saved replies while writing: a slash opens the list, what is typed after it narrows it, the text is shown as it will
// be for this customer. The field keeps the focus, so the input method is never in the way.
import { useEffect, useId, useState } from 'react';
import { useOffers } from '../api/kit_queries';
import type { ReplyOffer } from '../api/kit_types';
import type { Id, ReplyWay } from '../api/types';
import { t } from '../i18n/i18n';
import { composes } from '../keys/keymap';
import { Failed } from '../ui/state';
import style from './saved_picker.module.css';

export interface SavedPicker {
  open: boolean;
  list_id: string;
  active_id: string | undefined;
  // True: the key was the list's.
  press: (event: React.KeyboardEvent) => boolean;
  body: React.ReactNode;
}

export function useSavedPicker(
  ws: Id,
  case_id: Id,
  way: ReplyWay,
  query: string | null, // null: closed
  on_pick: (offer: ReplyOffer) => void,
  on_close: () => void,
): SavedPicker {
  const id = useId();
  const [at, set_at] = useState(0);
  const [asked, set_asked] = useState(query);
  useEffect(() => {
    const timer = window.setTimeout(() => set_asked(query), asked === null || query === null ? 0 : 120);
    return () => window.clearTimeout(timer);
  }, [query, asked]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another query begins at its top
  useEffect(() => set_at(0), [asked]);
  const offers = useOffers(ws, case_id, way, query === null ? null : asked);
  const items = offers.data ?? [];
  const open = query !== null;
  const now = items[Math.min(at, items.length - 1)];
  const move = (to: number): void => {
    set_at(to);
    document.getElementById(`${id}-${to}`)?.scrollIntoView({ block: 'nearest' });
  };
  const press = (event: React.KeyboardEvent): boolean => {
    if (!open || composes(event.nativeEvent)) return false;
    if (event.key === 'Escape') {
      event.stopPropagation();
      on_close();
    } else if (items.length === 0) return false;
    else if (event.key === 'ArrowDown') move((at + 1) % items.length);
    else if (event.key === 'ArrowUp') move((at + items.length - 1) % items.length);
    else if (
      (event.key === 'Enter' || event.key === 'Tab') &&
      !event.ctrlKey &&
      !event.metaKey &&
      !event.shiftKey &&
      now
    )
      on_pick(now);
    else return false;
    event.preventDefault();
    return true;
  };
  const body = open && (
    <div className={style.picker}>
      <div className={style.list} role="listbox" id={`${id}-list`} aria-label={t('kit.saved')}>
        {offers.error ? (
          <Failed error={offers.error} retry={() => void offers.refetch()} />
        ) : (
          items.length === 0 && (
            <p className={style.empty}>
              {offers.isFetching
                ? t('state.loading')
                : t(query ? 'kit.saved.nothing' : 'kit.saved.none', { text: query })}
            </p>
          )
        )}
        {items.map((offer, n) => (
          <div
            key={offer.saved_reply_id}
            id={`${id}-${n}`}
            role="option"
            tabIndex={-1}
            aria-selected={n === at}
            className={style.pick}
            onPointerMove={() => at !== n && set_at(n)}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => on_pick(offer)}
          >
            <span>
              {offer.folder && <small>{offer.folder} / </small>}
              {offer.name}
            </span>
            {offer.code && <kbd>/{offer.code}</kbd>}
          </div>
        ))}
      </div>
      {now && (
        <div className={style.preview} aria-live="polite">
          <p>{now.text}</p>
          {now.needs_word && <small>{t('kit.needs_word')}</small>}
          {now.missing.length > 0 && (
            <small className={style.warn}>{t('kit.missing', { names: now.missing.join(', ') })}</small>
          )}
        </div>
      )}
    </div>
  );
  return { open, list_id: `${id}-list`, active_id: open && now ? `${id}-${at}` : undefined, press, body };
}
