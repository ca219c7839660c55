// ?: every key that does something.
import { t } from '../i18n/i18n';
import { Dialog } from '../ui/dialog';
import style from './help.module.css';
import { key_label, shortcuts } from './keymap';

const groups = ['move', 'case', 'go', 'desk'] as const;

export default function Help({ on_close }: { on_close: () => void }) {
  return (
    <Dialog wide title={t('command.help')} about={t('help.about')} on_close={on_close}>
      <div className={style.groups}>
        {groups.map((group) => (
          <section key={group}>
            <h3>{t(`help.${group}`)}</h3>
            <dl>
              {shortcuts
                .filter((one) => one.group === group)
                .map((one) => (
                  <div key={one.keys}>
                    <dt>{t(`command.${one.command}`)}</dt>
                    <dd>
                      {one.keys.split(' ').map((key) => (
                        <kbd key={key}>{key_label(key)}</kbd>
                      ))}
                    </dd>
                  </div>
                ))}
              {group === 'case' && (
                <div>
                  <dt>{t('help.send')}</dt>
                  <dd>
                    <kbd>{key_label('Mod+Enter')}</kbd>
                  </dd>
                </div>
              )}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
