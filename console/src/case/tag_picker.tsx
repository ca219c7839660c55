// Tags of a case: chips with what is in use as suggestions.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { key } from '../api/keys';
import type { CaseList } from '../api/queries';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { useTagSuggestions } from '../teamwork/queries';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { Dialog } from '../ui/dialog';
import type { PickerProps } from './assign_picker';
import style from './pickers.module.css';

const likely_shown = 6;

export function TagPicker({ rows, on_answer, on_close }: PickerProps) {
  const { ws } = useDesk();
  const cache = useQueryClient();
  const [tags, set_tags] = useState(() => [...new Set(rows.flatMap((row) => row.tags))]);
  const suggestions = useTagSuggestions(ws, rows.length === 1 ? rows[0]!.id : null).data ?? [];
  const suggested = suggestions.map((one) => one.tag);
  // First those of cases like this one.
  const likely = suggestions
    .toSorted((a, b) => Number(b.similar) - Number(a.similar))
    .filter((one) => !tags.includes(one.tag))
    .slice(0, likely_shown);
  const known = new Set<string>();
  for (const [, list] of cache.getQueriesData<CaseList>({ queryKey: key.lists(ws) }))
    for (const page of list?.pages ?? [])
      for (const row of page.items) for (const tag of row.tags) known.add(tag);
  return (
    <Dialog title={t('pick.tag', { count: rows.length })} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          on_answer({ kind: 'tags', tags });
        }}
      >
        <ChipsInput
          label={t('field.tags')}
          hint={t('field.tags.hint')}
          values={tags}
          on_change={set_tags}
          auto_focus
          suggestions={[...new Set([...suggested, ...known])]}
        />
        {likely.length > 0 && (
          <fieldset className={style.likely}>
            <legend>{t('pick.tag.likely')}</legend>
            {likely.map((one) => (
              <Button
                key={one.tag}
                look="quiet"
                title={t(one.similar ? 'pick.tag.similar' : 'pick.tag.used', { count: one.cases })}
                onClick={() => set_tags([...tags, one.tag])}
              >
                + {one.tag}
              </Button>
            ))}
          </fieldset>
        )}
        <div className={style.row}>
          <Button onClick={on_close}>{t('action.cancel')}</Button>
          <Button type="submit" look="primary">
            {t('action.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
