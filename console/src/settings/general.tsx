// The workspace itself: name, zone, time to take back, reasons to dismiss.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { patch } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { Workspace } from '../api/types';
import { useDesk } from '../app/desk';
import { time_zones } from '../first_run/time_zones';
import { t } from '../i18n/i18n';
import { reason_words } from '../i18n/reason_words';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { Choice, Field } from '../ui/field';
import { Loading } from '../ui/state';
import { show_toast } from '../ui/toast_store';
import style from './settings.module.css';
import { useChange } from './use_change';

export function General() {
  const { workspace } = useDesk();
  return workspace ? <Form key={workspace.id} workspace={workspace} /> : <Loading rows={4} />;
}
function Form({ workspace }: { workspace: Workspace }) {
  const { ws, can_administer } = useDesk();
  const cache = useQueryClient();
  const { change, busy } = useChange('workspace');
  const [name, set_name] = useState(workspace.name);
  const [zone, set_zone] = useState(workspace.time_zone);
  const [settings, set_settings] = useState(workspace.settings);
  const save = (): void => {
    void change(() => patch<Workspace>(ws_path(ws), { name, time_zone: zone, settings })).then((saved) => {
      if (!saved) return;
      cache.setQueryData(key.workspace(ws), saved);
      void cache.invalidateQueries({ queryKey: key.me });
      show_toast({ text: 'toast.saved', tone: 'plain' }, 3_000);
    });
  };
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.general')}</h2>
      </div>
      <p className={style.about}>{t(can_administer ? 'general.about' : 'settings.read_only')}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <fieldset disabled={!can_administer}>
          <div className={style.two}>
            <Field
              label={t('field.brand')}
              value={name}
              required
              onChange={(event) => set_name(event.target.value)}
            />
            <Choice
              label={t('field.time_zone')}
              value={zone}
              onChange={(event) => set_zone(event.target.value)}
            >
              {time_zones(zone).map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Choice>
            <Field
              type="number"
              min={0}
              max={30}
              label={t('field.undo_send')}
              hint={t('field.undo_send.hint')}
              value={settings.undo_send_seconds}
              onChange={(event) =>
                set_settings({ ...settings, undo_send_seconds: Number(event.target.value) })
              }
            />
          </div>
          <ChipsInput
            label={t('field.dismiss_reasons')}
            hint={t('field.dismiss_reasons.hint')}
            label_of={reason_words}
            values={settings.dismiss_reasons}
            on_change={(dismiss_reasons) => set_settings({ ...settings, dismiss_reasons })}
          />
          <Button type="submit" look="primary" disabled={busy}>
            {t('action.save')}
          </Button>
        </fieldset>
      </form>
    </>
  );
}
