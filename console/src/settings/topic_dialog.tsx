// A topic's name and words.
import { useState } from 'react';
import { patch, post } from '../api/client';
import { ws_path } from '../api/keys';
import type { Topic } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import field from '../ui/field.module.css';
import style from './settings.module.css';
import { useChange } from './use_change';

export function TopicDialog({ topic, on_close }: { topic: Topic | null; on_close: () => void }) {
  const { ws, workspace } = useDesk();
  const { change, busy } = useChange('topics', 'stream');
  const [name, set_name] = useState(topic?.name ?? '');
  const [keywords, set_keywords] = useState(topic?.keywords ?? []);
  const [excluded, set_excluded] = useState(topic?.excluded ?? []);
  const [error, set_error] = useState('');
  const save = async (): Promise<void> => {
    const body = { name: name.trim() || keywords[0], keywords, excluded };
    try {
      await change(
        () => (topic ? patch(ws_path(ws, `/topics/${topic.id}`), body) : post(ws_path(ws, '/topics'), body)),
        true,
      );
      on_close();
    } catch (reason) {
      set_error(words_of(reason));
    }
  };
  return (
    <Dialog title={topic ? t('topics.edit') : t('topics.add')} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (keywords.length > 0) void save();
          else set_error(t('topics.need_word'));
        }}
      >
        <Field
          label={t('field.topic_name')}
          value={name}
          autoFocus
          placeholder={t('field.topic_name.example')}
          onChange={(event) => set_name(event.target.value)}
        />
        <ChipsInput
          label={t('field.keywords')}
          hint={t('field.keywords.hint')}
          placeholder={t('field.keywords.example', { name: workspace?.name ?? '' })}
          values={keywords}
          on_change={set_keywords}
        />
        <ChipsInput
          label={t('field.excluded')}
          hint={t('field.excluded.hint')}
          values={excluded}
          on_change={set_excluded}
        />
        {error && (
          <p className={field.error} role="alert">
            {error}
          </p>
        )}
        <div className={style.row}>
          <Button onClick={on_close}>{t('action.cancel')}</Button>
          <Button type="submit" look="primary" disabled={busy}>
            {t('action.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
