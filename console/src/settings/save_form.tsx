// What the pages of settings share: a form that is read only for whoever may not change it, says what was wrong, and
// has one button; and the words of a brand in both languages.
import { type ReactNode, useState } from 'react';
import { words_of } from '../api/words_of';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { show_toast } from '../ui/toast_store';
import style from './chat.module.css';
import replies from './replies.module.css';
import settings from './settings.module.css';

interface FormProps {
  may: boolean;
  busy: boolean;
  save: () => Promise<unknown>;
  children: ReactNode;
}
export function SaveForm({ may, busy, save, children }: FormProps) {
  const [error, set_error] = useState('');
  const attempt = async (): Promise<void> => {
    set_error('');
    try {
      await save();
      show_toast({ text: 'toast.saved', tone: 'plain' }, 3_000);
    } catch (reason) {
      set_error(words_of(reason));
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void attempt();
      }}
    >
      <fieldset disabled={!may}>{children}</fieldset>
      {error && (
        <p className={style.error} role="alert">
          {error}
        </p>
      )}
      {may && (
        <div className={settings.row}>
          <Button type="submit" look="primary" disabled={busy}>
            {t('action.save')}
          </Button>
        </div>
      )}
    </form>
  );
}

type Words = { title?: string };
interface BrandProps<T extends Words> {
  lang: 'ja' | 'en';
  texts: T;
  long: { [K in Exclude<keyof T, 'title'>]: string }; // below the title, with what each is called
  on_change: (texts: T) => void;
}
export function BrandWords<T extends Words>({ lang, texts, long, on_change }: BrandProps<T>) {
  const parts = Object.entries(long) as [Exclude<keyof T, 'title'>, string][];
  return (
    <fieldset className={style.texts} lang={lang}>
      <legend>{t(`chat.texts.${lang}`)}</legend>
      <Field
        label={t('chat.text.title')}
        maxLength={100}
        value={texts.title ?? ''}
        onChange={(event) => on_change({ ...texts, title: event.target.value })}
      />
      {parts.map(([name, label]) => (
        <label key={String(name)} className={replies.area}>
          <span>{label}</span>
          <textarea
            maxLength={600}
            value={String(texts[name] ?? '')}
            onChange={(event) => on_change({ ...texts, [name]: event.target.value })}
          />
        </label>
      ))}
    </fieldset>
  );
}
