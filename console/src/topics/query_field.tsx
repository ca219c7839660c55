// Where a query is written: a plain text field, so that every input method works in it, over a copy in colours.
import { useId, useLayoutEffect, useRef } from 'react';
import type { QueryMistake } from '../api/types';
import { t, t_or } from '../i18n/i18n';
import { Button } from '../ui/button';
import field from '../ui/field.module.css';
import { colours, with_mistakes } from './query_colours';
import style from './query_field.module.css';

interface Props {
  value: string;
  mistakes: readonly QueryMistake[];
  checked: string; // the text that the mistakes are about
  on_change: (value: string, composing: boolean) => void;
  auto_focus?: boolean;
}
export function QueryField({ value, mistakes, checked, on_change, auto_focus }: Props) {
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const behind = useRef<HTMLPreElement>(null);
  const shown = checked === value ? mistakes : [];
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const area = box.current;
    if (!area) return;
    area.style.height = 'auto';
    area.style.height = `${Math.min(area.scrollHeight + 2, 360)}px`;
  }, [value]);
  const show = (mistake: QueryMistake) => {
    box.current?.focus();
    box.current?.setSelectionRange(mistake.start, Math.max(mistake.end, mistake.start));
  };
  const mend = (mistake: QueryMistake) => {
    on_change(value.slice(0, mistake.start) + (mistake.instead ?? '') + value.slice(mistake.end), false);
    box.current?.focus();
  };
  return (
    <div className={field.field}>
      <label className={field.label} htmlFor={id}>
        {t('topic.query')}
      </label>
      <div className={style.box}>
        <pre className={style.behind} ref={behind} aria-hidden="true">
          {with_mistakes(
            colours(value),
            shown.map(({ start, end }) => ({ from: start, to: end })),
          ).map((piece) => (
            <span key={piece.at} className={`${style[piece.ink] ?? ''} ${piece.wrong ? style.wrong : ''}`}>
              {piece.text}
            </span>
          ))}
          {'\n'}
        </pre>
        <textarea
          id={id}
          ref={box}
          className={style.text}
          value={value}
          rows={3}
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          autoFocus={auto_focus}
          placeholder={t('topic.query.example')}
          aria-invalid={shown.length > 0 ? true : undefined}
          aria-describedby={`${id}-hint ${id}-mistakes`}
          onChange={(event) =>
            on_change(event.target.value, (event.nativeEvent as InputEvent).isComposing === true)
          }
          onCompositionEnd={(event) => on_change(event.currentTarget.value, false)}
          onScroll={(event) => {
            if (behind.current) behind.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
      <ul
        className={style.mistakes}
        id={`${id}-mistakes`}
        aria-live="polite"
        aria-label={t('topic.mistakes')}
      >
        {shown.map((mistake) => (
          <li key={`${mistake.code} ${mistake.start}`}>
            <button type="button" className={style.where} onClick={() => show(mistake)}>
              {value.slice(mistake.start, mistake.end).trim() || t('topic.mistake.here')}
            </button>
            <span>
              {t_or(`query.mistake.${mistake.code}`, mistake.message, mistake.values)}{' '}
              {t_or(`query.hint.${mistake.code}`, mistake.hint ?? '', mistake.values)}
            </span>
            {mistake.instead !== undefined && (
              <Button onClick={() => mend(mistake)}>
                {mistake.instead.trim() === ''
                  ? t('topic.mend.remove')
                  : t('topic.mend', { text: mistake.instead })}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <p className={field.hint} id={`${id}-hint`}>
        {t('topic.query.hint')}
      </p>
    </div>
  );
}
