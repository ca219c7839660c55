// Choose a macro, see what it will do to these cases, run it: all by keyboard.
import { useState } from 'react';
import type { Macro } from '../api/types';
import { useDesk } from '../app/desk';
import { go, settings_path } from '../app/router';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { PickList } from '../ui/pick_list';
import { Failed, Loading, State } from '../ui/state';
import { ActPreviewView, useActPreview } from './act_preview';
import { rows_of, type TeamDialogProps } from './dialog_store';
import { useMacros } from './queries';
import { Steps } from './steps';
import style from './teamwork.module.css';

export function MacroDialog({ of, first, on_close, on_run }: TeamDialogProps & { first: Macro | undefined }) {
  const { ws } = useDesk();
  const query = useMacros(ws);
  const macros = query.data;
  const [chosen, set_chosen] = useState<Macro | undefined>(first);
  const preview = useActPreview(of, chosen ? { macro_id: chosen.id } : null, chosen?.actions ?? []);
  const count = preview.query.data?.cases ?? rows_of(of).length;
  const question = Array.isArray(of)
    ? t('macros.pick', { count: of.length })
    : t('macros.pick_whole', { view: of.name });
  if (macros?.length === 0)
    return (
      <Dialog title={t('command.macro')} on_close={on_close}>
        <State
          title={t('macros.none.title')}
          text={t('macros.none.text')}
          action={{
            label: t('macros.add'),
            run: () => {
              on_close();
              go(settings_path(ws, 'macros'));
            },
          }}
        />
      </Dialog>
    );
  if (!chosen && !macros)
    return (
      <Dialog title={question} on_close={on_close}>
        {query.error ? (
          <Failed error={query.error} retry={() => void query.refetch()} />
        ) : (
          <Loading rows={2} />
        )}
      </Dialog>
    );
  if (!chosen)
    return (
      <Dialog bare title={question} on_close={on_close}>
        <PickList
          label={question}
          placeholder={question}
          // What is used most comes first.
          picks={(macros ?? [])
            .toSorted((a, b) => b.uses - a.uses)
            .map((macro) => ({
              id: macro.id,
              label: macro.name,
              hint: t('macros.steps', { count: macro.actions.length }),
            }))}
          on_pick={(id) => set_chosen(macros?.find((one) => one.id === id))}
        />
      </Dialog>
    );
  return (
    <Dialog title={chosen.name} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (preview.run) on_run(preview.run);
        }}
      >
        <Steps of={chosen.actions} />
        <ActPreviewView of={preview} />
        <div className={style.row}>
          <Button onClick={() => set_chosen(undefined)}>{t('macros.other')}</Button>
          <Button type="submit" look="primary" autoFocus aria-disabled={!preview.run}>
            {t('macros.run', { count })}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
