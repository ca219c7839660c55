// The dialog in which one entry of a library is made, changed or taken away: what the desk refuses stands in it, and
// somebody else's change since is not overwritten (version).
import { type ReactNode, useState } from 'react';
import { patch, post, remove } from '../api/client';
import { words_of } from '../api/words_of';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import settings from './settings.module.css';
import { useChange } from './use_change';

interface Props {
  title: string;
  path: string; // of the collection
  entry: { id?: string; version?: number };
  changes: Parameters<typeof useChange>; // what else must be asked again
  body: () => Record<string, unknown>;
  ready: boolean;
  remove_words: string;
  error?: string; // found while filling it in
  children: ReactNode;
  on_close: () => void;
}
export function EditorDialog(props: Props) {
  const { path, entry, on_close } = props;
  const { change, busy } = useChange(...props.changes);
  const [refused, set_refused] = useState('');
  const attempt = (work: () => Promise<unknown>): void => {
    set_refused('');
    change(work, true)
      .then(on_close)
      .catch((reason) => set_refused(words_of(reason)));
  };
  const save = () =>
    entry.id
      ? patch(`${path}/${entry.id}`, { ...props.body(), version: entry.version })
      : post(path, props.body());
  const error = props.error || refused;
  return (
    <Dialog wide title={props.title} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          attempt(save);
        }}
      >
        {props.children}
        {error && (
          <p className={settings.error} role="alert">
            {error}
          </p>
        )}
        <div className={settings.row}>
          {entry.id && (
            <Button
              look="danger"
              disabled={busy}
              onClick={() => attempt(() => remove(`${path}/${entry.id}`))}
            >
              {props.remove_words}
            </Button>
          )}
          <Button onClick={on_close}>{t('action.cancel')}</Button>
          <Button type="submit" look="primary" disabled={busy || !props.ready}>
            {t('library.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
