// Macros: several actions under one name; and below them what was done to several cases by hand.
import { useState } from 'react';
import type { Action, Id, Macro } from '../api/types';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import style from '../settings/settings.module.css';
import { Button } from '../ui/button';
import { ActLog } from './act_log';
import { ActionEditor, is_whole } from './action_editor';
import { DocumentForm } from './document_form';
import { DocumentPage } from './document_page';
import { useMacros } from './queries';
import { Steps } from './steps';
import own from './teamwork.module.css';

export function Macros() {
  const { ws, can_act } = useDesk();
  const [log, set_log] = useState<Id | null>(null);
  const [bulk, set_bulk] = useState(false);
  return (
    <>
      <DocumentPage<Macro>
        kind="macro"
        of={useMacros(ws)}
        about={t('macros.about')}
        may_add={can_act}
        card={(macro) => (
          <>
            <span className={style.meta}>
              {t(macro.shared ? 'documents.is_shared' : 'documents.is_private')}
            </span>
            <Steps of={macro.actions} />
          </>
        )}
        verbs={(macro) => (
          <Button
            aria-expanded={log === macro.id}
            onClick={() => set_log(log === macro.id ? null : macro.id)}
          >
            {t('documents.uses', { count: macro.uses })}
          </Button>
        )}
        below={(macro) =>
          log === macro.id && <ActLog of={`macro_id=${macro.id}`} none={t('macros.log.none')} />
        }
        edit={(macro, on_close) => <Edit macro={macro} on_close={on_close} />}
      />
      <h3 className={style.sub}>{t('acts.log')}</h3>
      <p className={style.about}>{t('acts.log.about')}</p>
      <Button aria-expanded={bulk} onClick={() => set_bulk(!bulk)}>
        {t('acts.log.show')}
      </Button>
      {bulk && <ActLog of="source=bulk" none={t('acts.log.none')} />}
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
