// Settings: a short list of pages at the left, one page at a time.
import { Fragment, useEffect, useRef } from 'react';
import type { Id } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { go, inbox_path, type SettingsPage, settings_path } from '../app/router';
import { t } from '../i18n/i18n';
import { Macros } from '../teamwork/macros_page';
import { Rules } from '../teamwork/rules_page';
import { TeamsPage } from '../teamwork/teams_page';
import { Views } from '../teamwork/views_page';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { State } from '../ui/state';
import { AccountPage } from './account_page';
import { Accounts } from './accounts';
import { Chat } from './chat';
import { Customers } from './customers';
import { General } from './general';
import { Journal } from './journal';
import { Library } from './library';
import { Members } from './members';
import { MyPage } from './my_page';
import { Notifications } from './notifications';
import { OrderPage } from './order';
import { Promises } from './promises';
import { ReachPage } from './reach';
import { Replies } from './replies';
import { Rewards } from './rewards';
import { RosterPage } from './roster';
import style from './settings_screen.module.css';
import { Tokens } from './tokens';
import { Topics } from './topics';
import { Webhooks } from './webhooks';

const pages = {
  general: General,
  accounts: Accounts,
  chat: Chat,
  reach: ReachPage,
  topics: Topics,
  replies: Replies,
  library: Library,
  rewards: Rewards,
  promises: Promises,
  roster: RosterPage,
  order: OrderPage,
  teams: TeamsPage,
  rules: Rules,
  macros: Macros,
  views: Views,
  customers: Customers,
  members: Members,
  tokens: Tokens,
  journal: Journal,
  notifications: Notifications,
  webhooks: Webhooks,
  me: MyPage,
};
const needs = {
  general: 'viewer',
  accounts: 'viewer',
  chat: 'viewer',
  reach: 'viewer',
  topics: 'viewer',
  replies: 'viewer',
  library: 'viewer',
  rewards: 'lead',
  promises: 'viewer',
  roster: 'viewer',
  order: 'viewer',
  teams: 'viewer',
  rules: 'viewer',
  macros: 'viewer',
  views: 'viewer',
  customers: 'administrator',
  members: 'viewer',
  tokens: 'administrator',
  journal: 'administrator',
  notifications: 'viewer',
  webhooks: 'administrator',
  me: 'viewer',
} as const;
// As one looks for them: where it comes from, what we say, when, who, what goes by itself, what other systems see.
const groups = [
  { name: '', pages: ['general', 'me'] },
  { name: 'channels', pages: ['accounts', 'chat', 'reach', 'topics'] },
  { name: 'replies', pages: ['replies', 'library', 'rewards'] },
  { name: 'promises', pages: ['promises', 'order'] },
  { name: 'people', pages: ['members', 'teams', 'roster', 'views', 'notifications'] },
  { name: 'automation', pages: ['rules', 'macros'] },
  { name: 'systems', pages: ['customers', 'tokens', 'webhooks', 'journal'] },
] as const;

interface Props {
  section: SettingsPage;
  item?: Id | undefined;
  on_menu: () => void;
}
export default function SettingsScreen({ section, item, on_menu }: Props) {
  const { ws, role } = useDesk();
  const Page = pages[section];
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = `${t(`settings.${section}`)} · Kikimimi`;
    // On a phone the pages stand in one row that scrolls: the open one is in sight.
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [section]);
  return (
    <div className={style.screen}>
      <nav ref={nav} className={style.nav} aria-label={t('settings.title')}>
        <div className={style.head}>
          <Button look="quiet" icon className={style.menu} aria-label={t('rail.open')} onClick={on_menu}>
            <Icon name="menu" />
          </Button>
          <h1>{t('settings.title')}</h1>
        </div>
        {groups.map(({ name, pages }) => {
          const allowed = pages.filter((page) => at_least(role, needs[page]));
          if (allowed.length === 0) return null;
          return (
            <Fragment key={name}>
              {name && <h2>{t(`settings.group.${name}`)}</h2>}
              {allowed.map((page) => (
                <Link
                  key={page}
                  to={settings_path(ws, page)}
                  className={page === section ? style.on : undefined}
                  aria-current={page === section ? 'page' : undefined}
                >
                  {t(`settings.${page}`)}
                </Link>
              ))}
            </Fragment>
          );
        })}
      </nav>
      <main className={style.page}>
        <div className={style.inner}>
          {at_least(role, needs[section]) ? (
            section === 'accounts' && item ? (
              <AccountPage id={item} />
            ) : (
              <Page />
            )
          ) : (
            <State
              title={t('state.forbidden.title')}
              text={t('state.forbidden.text')}
              action={{ label: t('action.go_inbox'), run: () => go(inbox_path(ws, 'now')) }}
            />
          )}
        </div>
      </main>
    </div>
  );
}
