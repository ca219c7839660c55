// Words that would make a topic better, with how many right and wrong posts each would bring or take.
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { Id, Suggestion } from '../api/types';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import style from './builder.module.css';
import { with_term, without_term } from './query_edit';

const kinds = ['spelling', 'add', 'leave_out', 'competitor'] as const;

interface Props {
  topic: Id;
  query: string;
  on_query: (query: string) => void;
}
export function Suggestions({ topic, query, on_query }: Props) {
  const { ws } = useDesk();
  const list = useQuery({
    queryKey: [...key.part(ws, 'suggestions'), topic],
    queryFn: async () =>
      (await call<{ items: Suggestion[] }>(ws_path(ws, `/topics/${topic}/suggestions`))).items,
    staleTime: 60_000,
  }).data;
  const open = list?.filter((one) => !query.includes(one.term)) ?? [];
  if (open.length === 0) return null;
  return (
    <section className={style.suggestions} aria-label={t('suggest.title')}>
      <h2>{t('suggest.title')}</h2>
      {kinds.map((kind) => {
        const some = open.filter((one) => one.kind === kind);
        if (some.length === 0) return null;
        return (
          <div key={kind}>
            <h3>{t(`suggest.${kind}`)}</h3>
            <ul>
              {some.map((one) => (
                <li key={one.word}>
                  <b title={one.example}>{one.word}</b>
                  <span className="num">
                    {t(kind === 'leave_out' ? 'suggest.takes' : 'suggest.brings', {
                      right: one.right,
                      wrong: one.wrong,
                      open: one.open,
                    })}
                  </span>
                  {kind !== 'competitor' && (
                    <Button
                      onClick={() =>
                        on_query(
                          kind === 'leave_out' ? without_term(query, one.term) : with_term(query, one.term),
                        )
                      }
                    >
                      {t(kind === 'leave_out' ? 'suggest.leave_out.do' : 'suggest.add.do')}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </section>
  );
}
