// Saved views: lists of one's own, by conditions.
import { useState } from 'react';
import type { Condition, SavedView } from '../api/types';
import { useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { t } from '../i18n/i18n';
import style from '../settings/settings.module.css';
import { ConditionEditor, is_whole_condition } from './condition_editor';
import { DocumentForm } from './document_form';
import { DocumentPage } from './document_page';
import { useViews } from './queries';
import { Says } from './steps';
import own from './teamwork.module.css';

export function Views() {
  const { ws } = useDesk();
  return (
    <DocumentPage<SavedView>
      kind="view"
      of={useViews(ws)}
      about={t('views.about')}
      may_add
      name={(view) => (
        <Link to={inbox_path(ws, `saved:${view.id}`)}>
          <b>{view.name}</b>
        </Link>
      )}
      card={(view) => (
        <>
          <span className={style.meta}>
            {t(view.shared ? 'documents.is_shared' : 'documents.is_private')}
          </span>
          <Says of={view.conditions} />
        </>
      )}
      edit={(view, on_close) => <Edit view={view} on_close={on_close} />}
    />
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
