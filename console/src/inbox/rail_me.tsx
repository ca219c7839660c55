// Who I am, at the foot of the rail: theme, language, help, sign out.
import { useQueryClient } from '@tanstack/react-query';
import { remove } from '../api/client';
import { save_me } from '../api/me_actions';
import { useDesk } from '../app/desk';
import { go, settings_path } from '../app/router';
import { current_language, t } from '../i18n/i18n';
import { useReachable } from '../live/reach';
import { Avatar } from '../ui/avatar';
import { Menu, MenuItem, MenuRule } from '../ui/menu';
import style from './rail_me.module.css';

export function RailMe({ on_commands, on_help }: { on_commands: () => void; on_help: () => void }) {
  const { me, ws, role } = useDesk();
  const cache = useQueryClient();
  const reachable = useReachable();
  const dark = document.documentElement.dataset.theme === 'dark';
  const other = current_language() === 'ja' ? 'en' : 'ja';
  const leave = async (): Promise<void> => {
    await remove('/session').catch(() => undefined);
    cache.clear();
    window.location.assign('/login');
  };
  return (
    <Menu
      trigger={
        <button type="button" className={style.me}>
          <span className={style.face}>
            <Avatar name={me.name} initials={me.initials} size="middle" />
            <i className={reachable ? undefined : style.off} />
          </span>
          <span className={style.words}>
            <b>{me.name}</b>
            <small>{t(`role.${role}`)}</small>
            <span className="unseen">{t('me.menu')}</span>
          </span>
        </button>
      }
    >
      <MenuItem on_select={() => go(settings_path(ws, 'me'))}>{t('settings.me')}</MenuItem>
      <MenuItem on_select={() => go(settings_path(ws, 'general'))}>{t('settings.title')}</MenuItem>
      <MenuRule />
      <MenuItem
        on_select={() =>
          void save_me(cache, { preferences: { ...me.preferences, theme: dark ? 'light' : 'dark' } })
        }
      >
        {t(dark ? 'theme.use_light' : 'theme.use_dark')}
      </MenuItem>
      <MenuItem on_select={() => void save_me(cache, { language: other })}>
        <span lang={other}>{t(other === 'ja' ? 'language.ja' : 'language.en')}</span>
      </MenuItem>
      <MenuRule />
      <MenuItem on_select={on_commands} hint={<kbd>Ctrl+K</kbd>}>
        {t('command.commands')}
      </MenuItem>
      <MenuItem on_select={on_help} hint={<kbd>?</kbd>}>
        {t('command.help')}
      </MenuItem>
      <MenuRule />
      <MenuItem on_select={() => void leave()}>{t('me.sign_out')}</MenuItem>
    </Menu>
  );
}
