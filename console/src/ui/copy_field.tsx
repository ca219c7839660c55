// A value to take along (link, token), with a button that copies it.
import { useState } from 'react';
import { t } from '../i18n/i18n';
import { Button } from './button';
import style from './copy_field.module.css';

export function CopyField({ label, value }: { label: string; value: string }) {
  const [copied, set_copied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard?.writeText(value).then(() => {
      set_copied(true);
      window.setTimeout(() => set_copied(false), 2_000);
    });
  };
  return (
    <div className={style.row}>
      <span className={style.label}>{label}</span>
      <input readOnly value={value} aria-label={label} onFocus={(event) => event.target.select()} />
      <Button onClick={copy}>{t(copied ? 'action.copied' : 'action.copy')}</Button>
    </div>
  );
}
