// What a macro, rule or view says, in words, one line each.
import type { Action, Condition } from '../api/types';
import style from './teamwork.module.css';
import { useNames } from './use_names';
import { action_words, condition_words } from './words';

export function Steps({ of }: { of: Action[] }) {
  const names = useNames();
  return <Lines words={of.map((action) => action_words(action, names))} />;
}
export function Says({ of }: { of: Condition[] }) {
  const names = useNames();
  return <Lines words={of.map((condition) => condition_words(condition, names))} />;
}
function Lines({ words }: { words: string[] }) {
  return (
    <ul className={style.steps}>
      {words.map((line, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
        <li key={n}>{line}</li>
      ))}
    </ul>
  );
}
