// The queue of replies that wait for a second person, what is due first on top. j and k go from one to the next.
import { useEffect, useRef } from 'react';
import { useApprovals } from '../api/queries';
import { useDesk } from '../app/desk';
import { go, inbox_path } from '../app/router';
import { PromiseWhy } from '../case/promise_why';
import { t } from '../i18n/i18n';
import { useCommand } from '../keys/commands';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Failed, Loading, State } from '../ui/state';
import { ApprovalCard } from './approval_card';
import style from './approvals_screen.module.css';

export default function ApprovalsScreen({ on_menu }: { on_menu: () => void }) {
  const { ws } = useDesk();
  const approvals = useApprovals(ws);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    document.title = `${t('approvals.title')} · Kikimimi`;
  }, []);
  const move = (by: number) => () => {
    const cards = [...(list.current?.querySelectorAll<HTMLElement>('article') ?? [])];
    const here = cards.findIndex((card) => card.contains(document.activeElement));
    const next = cards[here < 0 ? 0 : Math.min(cards.length - 1, Math.max(0, here + by))];
    (next?.querySelector<HTMLElement>('footer button') ?? next?.querySelector<HTMLElement>('h3 a'))?.focus();
    next?.scrollIntoView({ block: 'nearest' });
  };
  useCommand('next', move(1));
  useCommand('previous', move(-1));
  return (
    <main className={style.screen}>
      <header className={style.bar}>
        <Button look="quiet" icon className={style.menu} aria-label={t('rail.open')} onClick={on_menu}>
          <Icon name="menu" />
        </Button>
        <h1>{t('approvals.title')}</h1>
      </header>
      <div className={style.page}>
        <div className={style.inner} ref={list}>
          <p className={style.about}>{t('approvals.about')}</p>
          {approvals.isPending ? (
            <Loading rows={3} />
          ) : approvals.error ? (
            <Failed error={approvals.error} retry={() => void approvals.refetch()} />
          ) : approvals.data.length === 0 ? (
            <State
              art="ear"
              title={t('approvals.none.title')}
              text={t('approvals.none.text')}
              action={{ label: t('action.go_inbox'), run: () => go(inbox_path(ws, 'now')) }}
            />
          ) : (
            approvals.data.map((approval) => <ApprovalCard key={approval.id} approval={approval} />)
          )}
        </div>
      </div>
      <PromiseWhy />
    </main>
  );
}
