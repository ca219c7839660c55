// A short list with a filter: arrows or typing to choose, Enter to take. Digits take the first nine at once.
import { type ReactNode, useId, useState } from 'react';
import { t } from '../i18n/i18n';
import { composes } from '../keys/keymap';
import style from './pick_list.module.css';

export interface Pick {
  id: string;
  label: string;
  hint?: ReactNode;
  face?: ReactNode;
  words?: string; // further words to be found by
}
interface Props {
  picks: Pick[];
  label: string;
  placeholder: string;
  on_pick: (id: string) => void;
  on_free?: (text: string) => void; // what was typed, when nothing fits
  empty?: string;
  free_label?: (text: string) => string;
}
export function PickList({ picks, label, placeholder, on_pick, on_free, empty, free_label }: Props) {
  const id = useId();
  const [text, set_text] = useState('');
  const [at, set_at] = useState(0);
  const wanted = text.normalize('NFKC').toLowerCase().trim().split(/\s+/).filter(Boolean);
  const shown = picks.filter((pick) => {
    const words = `${pick.label} ${pick.words ?? ''}`.normalize('NFKC').toLowerCase();
    return wanted.every((word) => words.includes(word));
  });
  const take = (n: number): void => {
    const pick = shown[n];
    if (pick) on_pick(pick.id);
    else if (on_free && text.trim()) on_free(text.trim());
  };
  const move = (to: number): void => {
    set_at(to);
    document.getElementById(`${id}-${to}`)?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <>
      <input
        className={style.input}
        role="combobox"
        aria-label={label}
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={shown.length > 0 ? `${id}-${at}` : undefined}
        autoFocus
        autoComplete="off"
        placeholder={placeholder}
        value={text}
        onChange={(event) => {
          set_text(event.target.value);
          set_at(0);
        }}
        onKeyDown={(event) => {
          if (composes(event.nativeEvent)) return;
          if (event.key === 'ArrowDown') move(Math.min(shown.length - 1, at + 1));
          else if (event.key === 'ArrowUp') move(Math.max(0, at - 1));
          else if (event.key === 'Enter') take(at);
          else return;
          event.preventDefault();
        }}
      />
      <div className={style.list} role="listbox" id={`${id}-list`} aria-label={label}>
        {shown.map((pick, n) => (
          <div
            key={pick.id}
            id={`${id}-${n}`}
            role="option"
            tabIndex={-1}
            aria-selected={n === at}
            className={style.pick}
            onPointerMove={() => at !== n && set_at(n)}
            onClick={() => take(n)}
          >
            {pick.face}
            <span>{pick.label}</span>
            {pick.hint !== undefined && <small>{pick.hint}</small>}
          </div>
        ))}
      </div>
      {shown.length === 0 && (
        <p className={style.empty}>
          {on_free && text.trim()
            ? (free_label?.(text.trim()) ?? t('pick.take_typed', { text: text.trim() }))
            : (empty ?? t('pick.nothing'))}
        </p>
      )}
    </>
  );
}
