// Saved views: lists of one's own, by conditions.
import { useState } from 'react';
import { remove } from '../api/client';
import { ws_path } from '../api/keys';
import type { Condition, SavedView } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { t } from '../i18n/i18n';
import { Listed } from '../settings/listed';
import style from '../settings/settings.module.css';
import { useChange } from '../settings/use_change';
import { Button } from '../ui/button';
import { State } from '../ui/state';
import { ConditionEditor, is_whole_condition } from './condition_editor';
import { DocumentForm } from './document_form';
import { useViews } from './queries';
import { Says } from './steps';
import own from './teamwork.module.css';

export function Views() {
  const { ws, role } = useDesk();
  const views = useViews(ws);
  const { change, busy } = useChange('views', 'view_counts');
  const [editing, set_editing] = useState<SavedView | 'new' | null>(null);
  return (
    <>
      <div className={style.title}>
        <h2>{t('settings.views')}</h2>
        <Button look="primary" onClick={() => set_editing('new')}>
          {t('views.add')}
        </Button>
      </div>
      <p className={style.about}>{t('views.about')}</p>
      <Listed of={views} empty={<State title={t('views.none.title')} text={t('views.none.text')} />}>
        {(list) => (
          <div className={style.cards}>
            {list.map((view) => (
              <article key={view.id} className={style.card}>
                <Link to={inbox_path(ws, `saved:${view.id}`)}>
                  <b>{view.name}</b>
                </Link>
                <span className={style.meta}>
                  {t(view.shared ? 'documents.is_shared' : 'documents.is_private')}
                </span>
                <Says of={view.conditions} />
                {(!view.shared || at_least(role, 'lead')) && (
                  <div className={style.verbs}>
                    <Button onClick={() => set_editing(view)}>{t('action.edit')}</Button>
                    <Button
                      look="quiet"
                      disabled={busy}
                      aria-label={t('action.remove_named', { name: view.name })}
                      onClick={() => void change(() => remove(ws_path(ws, `/views/${view.id}`)))}
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
      {editing && <Edit view={editing === 'new' ? null : editing} on_close={() => set_editing(null)} />}
    </>
  );
}

function Edit({ view, on_close }: { view: SavedView | null; on_close: () => void }) {
  const [conditions, set_conditions] = useState<Condition[]>(
    view?.conditions ?? [{ field: 'status', values: ['open'] }],
  );
  return (
    <DocumentForm
      kind="view"
      of={view}
      whole={conditions.every(is_whole_condition)}
      body={() => ({ conditions })}
      on_close={on_close}
    >
      <p className={own.title}>{t('cond.title')}</p>
      <ConditionEditor conditions={conditions} on_change={set_conditions} />
    </DocumentForm>
  );
}
