// What raises an alarm of one topic: the learnt rule, and a limit set by hand beside it.
import { useState } from 'react';
import { put } from '../api/client';
import { ws_path } from '../api/keys';
import { useAlarmRules } from '../api/queries';
import type { AlarmRules, Id } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import style from '../settings/settings.module.css';
import { useChange } from '../settings/use_change';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Check, Field } from '../ui/field';
import { Failed, Loading } from '../ui/state';

interface Props {
  topic: Id;
  name: string;
  on_close: () => void;
}
export function AlarmRulesDialog({ topic, name, on_close }: Props) {
  const { ws } = useDesk();
  const rules = useAlarmRules(ws, topic);
  return (
    <Dialog title={t('alarms.rules.of', { name })} on_close={on_close}>
      {rules.isPending ? (
        <Loading rows={2} />
      ) : rules.error ? (
        <Failed error={rules.error} retry={() => void rules.refetch()} />
      ) : (
        <Form topic={topic} stored={rules.data} on_close={on_close} />
      )}
    </Dialog>
  );
}

function Form({ topic, stored, on_close }: { topic: Id; stored: AlarmRules; on_close: () => void }) {
  const { ws } = useDesk();
  const [rules, set_rules] = useState(stored);
  const [error, set_error] = useState('');
  const { change, busy } = useChange(`alarm_rules ${topic}`);
  const save = async (): Promise<void> => {
    try {
      await change(() => put(ws_path(ws, `/topics/${topic}/alarm_rules`), rules), true);
      on_close();
    } catch (reason) {
      set_error(words_of(reason));
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Check
        label={t('alarms.learnt')}
        hint={t('alarms.learnt.hint')}
        checked={rules.learnt}
        onChange={(event) => set_rules({ ...rules, learnt: event.target.checked })}
      />
      <div className={style.two}>
        <Field
          type="number"
          label={t('alarms.posts')}
          hint={t('alarms.set.hint')}
          min={0}
          max={1_000_000}
          value={rules.posts}
          error={error || undefined}
          onChange={(event) => set_rules({ ...rules, posts: Number(event.target.value) })}
        />
        <Field
          type="number"
          label={t('alarms.minutes')}
          min={0}
          max={1_440}
          value={rules.minutes}
          onChange={(event) => set_rules({ ...rules, minutes: Number(event.target.value) })}
        />
      </div>
      <div className={style.row}>
        <Button onClick={on_close}>{t('action.cancel')}</Button>
        <Button type="submit" look="primary" disabled={busy}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}
