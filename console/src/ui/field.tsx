// A labelled field with its hint and its error beside it.
import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react';
import style from './field.module.css';

interface Common {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
}
export function Field({ label, hint, error, ...rest }: Common & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className={style.field}>
      <label className={style.label} htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        className={style.input}
        aria-invalid={error ? true : undefined}
        aria-describedby={hint || error ? `${id}-hint` : undefined}
        {...rest}
      />
      {(hint || error) && (
        <div id={`${id}-hint`} className={error ? style.error : style.hint}>
          {error || hint}
        </div>
      )}
    </div>
  );
}
export function Choice({
  label,
  hint,
  error,
  children,
  ...rest
}: Common & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <div className={style.field}>
      <label className={style.label} htmlFor={id}>
        {label}
      </label>
      <select id={id} className={style.input} aria-describedby={hint ? `${id}-hint` : undefined} {...rest}>
        {children}
      </select>
      {(hint || error) && (
        <div id={`${id}-hint`} className={error ? style.error : style.hint}>
          {error || hint}
        </div>
      )}
    </div>
  );
}
export function Check({ label, hint, ...rest }: Common & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <label className={style.check}>
      <input type="checkbox" {...rest} />
      <span>
        {label}
        {hint && <span className={style.hint}> {hint}</span>}
      </span>
    </label>
  );
}
