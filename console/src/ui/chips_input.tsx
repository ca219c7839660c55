// Words as chips: Enter, comma, 、 or leaving the field finishes a word; never while an input method composes.
import { useId, useState } from 'react';
import { t } from '../i18n/i18n';
import { composes } from '../keys/keymap';
import style from './chips_input.module.css';
import field from './field.module.css';
import { Icon } from './icon';

interface Props {
  label: string;
  hint?: string | undefined;
  placeholder?: string;
  values: string[];
  on_change: (values: string[]) => void;
  auto_focus?: boolean;
  suggestions?: string[];
  label_of?: (value: string) => string;
}
export function ChipsInput({
  label,
  hint,
  placeholder,
  values,
  on_change,
  auto_focus,
  suggestions,
  label_of = (value) => value,
}: Props) {
  const id = useId();
  const [text, set_text] = useState('');
  const finish = (typed: string): void => {
    const words = typed
      .split(/[,、\n\t]/)
      .map((word) => word.trim())
      .filter((word) => word !== '' && !values.includes(word));
    if (words.length > 0) on_change([...values, ...new Set(words)]);
    set_text('');
  };
  return (
    <div className={field.field}>
      <label className={field.label} htmlFor={id}>
        {label}
      </label>
      <div className={style.box}>
        {values.map((value) => (
          <span key={value} className={style.chip}>
            {label_of(value)}
            <button
              type="button"
              aria-label={t('action.remove_named', { name: label_of(value) })}
              onClick={() => on_change(values.filter((other) => other !== value))}
            >
              <Icon name="close" size={11} />
            </button>
          </span>
        ))}
        <input
          id={id}
          value={text}
          autoFocus={auto_focus}
          autoComplete="off"
          placeholder={values.length === 0 ? placeholder : undefined}
          aria-describedby={hint ? `${id}-hint` : undefined}
          list={suggestions ? `${id}-list` : undefined}
          onChange={(event) => {
            const typed = event.target.value;
            if (/[,、\n]/.test(typed) && !(event.nativeEvent as InputEvent).isComposing) finish(typed);
            else set_text(typed);
          }}
          onKeyDown={(event) => {
            if (composes(event.nativeEvent)) return;
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              const { form } = event.currentTarget;
              finish(text);
              window.setTimeout(() => form?.requestSubmit(), 0); // with the word just finished
              return;
            }
            if (event.key === 'Enter' && text.trim() !== '') {
              event.preventDefault();
              finish(text);
            }
            if (event.key === 'Backspace' && text === '') on_change(values.slice(0, -1));
          }}
          onBlur={() => finish(text)}
        />
        {suggestions && (
          <datalist id={`${id}-list`}>
            {suggestions.map((word) => (
              <option key={word} value={word} />
            ))}
          </datalist>
        )}
      </div>
      {hint && (
        <div id={`${id}-hint`} className={field.hint}>
          {hint}
        </div>
      )}
    </div>
  );
}
