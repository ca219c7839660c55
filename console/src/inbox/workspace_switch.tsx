// The brand at the top of the rail; with several workspaces it is the way between them.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '../api/client';
import { key } from '../api/keys';
import type { Workspace } from '../api/types';
import { words_of } from '../api/words_of';
import { at_least, useDesk } from '../app/desk';
import { go, inbox_path } from '../app/router';
import { current_language, t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { Icon } from '../ui/icon';
import { Menu, MenuItem, MenuLabel, MenuRule } from '../ui/menu';
import style from './workspace_switch.module.css';

export function WorkspaceSwitch() {
  const { me, ws, workspace } = useDesk();
  const [making, set_making] = useState(false);
  const name = workspace?.name ?? me.workspaces.find((one) => one.id === ws)?.name ?? '';
  const may_make = me.workspaces.some((one) => at_least(one.role, 'administrator'));
  return (
    <>
      <Menu
        trigger={
          <button type="button" className={style.brand}>
            <i aria-hidden="true">{[...name][0] ?? '聞'}</i>
            <span>
              <b>{name}</b>
              <small>{t('workspace.desk')}</small>
              <span className="unseen">{t('workspace.switch')}</span>
            </span>
            <Icon name="down" size={12} />
          </button>
        }
      >
        <MenuLabel>{t('workspace.label')}</MenuLabel>
        {me.workspaces.map((one) => (
          <MenuItem
            key={one.id}
            on_select={() => go(inbox_path(one.id, 'now'))}
            hint={one.id === ws ? '✓' : undefined}
          >
            {one.name}
          </MenuItem>
        ))}
        {may_make && (
          <>
            <MenuRule />
            <MenuItem on_select={() => set_making(true)}>{t('workspace.create')}</MenuItem>
          </>
        )}
      </Menu>
      {making && <NewWorkspace on_close={() => set_making(false)} />}
    </>
  );
}

function NewWorkspace({ on_close }: { on_close: () => void }) {
  const cache = useQueryClient();
  const [name, set_name] = useState('');
  const [error, set_error] = useState('');
  const make = (): void => {
    post<Workspace>('/workspaces', {
      name,
      time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      language: current_language(),
    })
      .then(async (made) => {
        await cache.invalidateQueries({ queryKey: key.me });
        on_close();
        go(`/w/${made.id}/welcome`);
      })
      .catch((reason) => set_error(words_of(reason)));
  };
  return (
    <Dialog title={t('workspace.create')} about={t('workspace.create.about')} on_close={on_close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make();
        }}
      >
        <Field
          label={t('field.brand')}
          value={name}
          required
          autoFocus
          error={error || undefined}
          onChange={(e) => set_name(e.target.value)}
        />
        <Button type="submit" look="primary">
          {t('workspace.create.button')}
        </Button>
      </form>
    </Dialog>
  );
}
