// Whom to ask whether to respond, watch or skip, and what one is not sure of; or to take the question back.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call, post } from '../api/client';
import { ws_path } from '../api/keys';
import { useMembers } from '../api/queries';
import type { CaseRow } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { put_row } from '../live/apply';
import { useChange } from '../settings/use_change';
import teamwork from '../teamwork/teamwork.module.css';
import { Avatar } from '../ui/avatar';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { PickList } from '../ui/pick_list';
import { announce, show_toast } from '../ui/toast_store';

const drop = 'drop';
const anybody = 'anybody';

export function OpinionPicker({ rows, on_close }: { rows: CaseRow[]; on_close: () => void }) {
  const { ws, me } = useDesk();
  const cache = useQueryClient();
  const { change } = useChange('counts');
  const [of, set_of] = useState<string | null>(null);
  const [note, set_note] = useState('');
  const row = rows[0];
  const members = useMembers(ws).data ?? [];
  if (!row) return null;
  const path = ws_path(ws, `/cases/${row.id}/opinion`);
  const picks = [
    { id: anybody, label: t('pick.opinion.anybody'), words: '', hint: '', face: <span /> },
    ...members
      .filter((one) => at_least(one.role, 'agent') && one.user_id !== me.id)
      .toSorted((a, b) => Number(b.online) - Number(a.online))
      .map((one) => ({
        id: one.user_id,
        label: one.name,
        words: `${one.email} ${one.initials}`,
        hint: t(one.online ? 'pick.online' : 'pick.offline'),
        face: <Avatar name={one.name} initials={one.initials} size="small" />,
      })),
    ...(row.opinion
      ? [{ id: drop, label: t('action.opinion.drop'), words: '', hint: '', face: <span /> }]
      : []),
  ];
  const answer = (id: string): void => {
    on_close();
    const ask = id !== drop;
    void change(() =>
      ask
        ? post<CaseRow>(path, { user_id: id === anybody ? null : id, note: note.trim() })
        : call<CaseRow>(path, { method: 'DELETE' }),
    ).then((changed) => {
      if (!changed) return;
      put_row(cache, ws, me.id, changed, true);
      const text = ask ? 'toast.opinion_asked' : 'toast.opinion_dropped';
      announce(t(text));
      show_toast({
        text,
        tone: 'plain',
        action: {
          label: 'action.undo',
          run: () =>
            void change(() =>
              ask
                ? call<CaseRow>(path, { method: 'DELETE' })
                : post<CaseRow>(path, { user_id: row.opinion?.of ?? null, note: row.opinion?.note ?? '' }),
            ).then((back) => back && put_row(cache, ws, me.id, back, true)),
        },
      });
    });
  };
  if (of !== null) {
    return (
      <Dialog
        key="note"
        title={t('pick.opinion.note.title')}
        about={
          of === anybody
            ? t('pick.opinion.note.anybody')
            : t('pick.opinion.note.about', {
                name: members.find((one) => one.user_id === of)?.name ?? '',
              })
        }
        on_close={on_close}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            answer(of);
          }}
        >
          <Field
            label={t('pick.opinion.note')}
            hint={t('pick.opinion.note.hint')}
            placeholder={t('pick.opinion.note.placeholder')}
            value={note}
            maxLength={600}
            autoFocus
            onChange={(event) => set_note(event.target.value)}
          />
          <div className={teamwork.row}>
            <Button onClick={on_close}>{t('action.cancel')}</Button>
            <Button type="submit" look="primary">
              {t('pick.opinion.ask')}
            </Button>
          </div>
        </form>
      </Dialog>
    );
  }
  return (
    <Dialog bare title={t('pick.opinion')} on_close={on_close}>
      <PickList
        picks={picks}
        label={t('pick.opinion')}
        placeholder={t('pick.opinion')}
        on_pick={(id) => (id === drop ? answer(id) : set_of(id))}
      />
    </Dialog>
  );
}
