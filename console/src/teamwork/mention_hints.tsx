// While somebody writes "@ta": whom they may mean. Tab takes the first one; nothing else is taken from the keyboard.
import { useMembers } from '../api/queries';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { fold, mention_at } from './mention';
import { useTeams } from './queries';
import style from './teamwork.module.css';

const shown = 5;

export function useMentions(text: string): { names: string[]; take: (name: string) => string } {
  const { ws } = useDesk();
  const members = useMembers(ws).data ?? [];
  const teams = useTeams(ws).data?.items ?? [];
  const begun = mention_at(text);
  const take = (name: string): string => (begun === null ? text : `${text.slice(0, begun.from)}@${name} `);
  if (begun === null) return { names: [], take };
  const names = [...members.map((one) => one.name), ...teams.map((one) => one.name)];
  return { names: names.filter((name) => fold(name).startsWith(fold(begun.word))).slice(0, shown), take };
}

export function MentionHints({ names, on_take }: { names: string[]; on_take: (name: string) => void }) {
  if (names.length === 0) return null;
  return (
    <div className={style.hints} role="toolbar" aria-label={t('mention.label')}>
      {names.map((name, n) => (
        <Button key={name} look="quiet" keys={n === 0 ? 'Tab' : undefined} onClick={() => on_take(name)}>
          @{name}
        </Button>
      ))}
    </div>
  );
}
