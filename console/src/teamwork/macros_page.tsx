// Macros: several actions under one name.
import { useState } from 'react';
import { remove } from '../api/client';
import { ws_path } from '../api/keys';
import type { Action, Macro } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { Listed } from '../settings/listed';
import style from '../settings/settings.module.css';
import { useChange } from '../settings/use_change';
import { Button } from '../ui/button';
import { State } from '../ui/state';
import { ActionEditor, is_whole } from './action_editor';
import { DocumentForm } from './document_form';
import { useMacros } from './queries';
import { Steps } from './steps';
import own from './teamwork.module.css';

export function Macros() {
  const { ws, role, can_act } = useDesk();
  const macros = useMacros(ws);
  const { change, busy } = useChange('macros');
  const [editing, set_editing] = useState<Macro | 'new' | null>(null);
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.macros')}</h2>
        {can_act && (
          <Button look="primary" onClick={() => set_editing('new')}>
            {t('macros.add')}
          </Button>
        )}
      </div>
      <p className={style.about}>{t('macros.about')}</p>
      <Listed of={macros} empty={<State title={t('macros.none.title')} text={t('macros.none.text')} />}>
        {(list) => (
          <div className={style.cards}>
            {list.map((macro) => (
              <article key={macro.id} className={style.card}>
                <b>{macro.name}</b>
                <span className={style.meta}>
                  {t(macro.shared ? 'documents.is_shared' : 'documents.is_private')} ·{' '}
                  {t('documents.uses', { count: macro.uses })}
                </span>
                <Steps of={macro.actions} />
                {can_act && (!macro.shared || at_least(role, 'lead')) && (
                  <div className={style.verbs}>
                    <Button onClick={() => set_editing(macro)}>{t('action.edit')}</Button>
                    <Button
                      look="quiet"
                      disabled={busy}
                      aria-label={t('action.remove_named', { name: macro.name })}
                      onClick={() => void change(() => remove(ws_path(ws, `/macros/${macro.id}`)))}
                    >
                      {t('action.remove')}
                    </Button>
                  </div>
                )}
              </article>
            ))}
          </div>
        )}
      </Listed>
      {editing && <Edit macro={editing === 'new' ? null : editing} on_close={() => set_editing(null)} />}
    </>
  );
}

function Edit({ macro, on_close }: { macro: Macro | null; on_close: () => void }) {
  const [actions, set_actions] = useState<Action[]>(macro?.actions ?? [{ do: 'add_tags', tags: [] }]);
  return (
    <DocumentForm
      kind="macro"
      of={macro}
      whole={actions.length > 0 && actions.every(is_whole)}
      body={() => ({ actions })}
      on_close={on_close}
    >
      <p className={own.title}>{t('acts.actions')}</p>
      <ActionEditor actions={actions} on_change={set_actions} />
    </DocumentForm>
  );
}
