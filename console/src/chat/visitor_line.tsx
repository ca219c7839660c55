// Above the composer: is the web chat's visitor there, do they write, and where does an answer go when they are not?
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { call } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { Id } from '../api/types';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import type { ChatVisitor } from './types';
import style from './visitor_line.module.css';
import { useVisitorNews } from './visitor_store';

export function VisitorLine({ case_id }: { case_id: Id }) {
  const { ws } = useDesk();
  const news = useVisitorNews(case_id);
  const query = useQuery({
    queryKey: [...key.part(ws, 'visitor'), case_id],
    queryFn: () => call<{ visitor: ChatVisitor | null }>(ws_path(ws, `/cases/${case_id}/visitor`)),
    refetchInterval: 60_000,
  });
  const { refetch } = query;
  const here = news?.here;
  useEffect(() => {
    if (here !== undefined) void refetch();
  }, [here, refetch]);
  const visitor = query.data?.visitor;
  if (!visitor) return null;
  const is_here = here ?? visitor.here;
  const where = is_here
    ? t(news?.writing ? 'visitor.writing' : 'visitor.here')
    : visitor.email
      ? t('visitor.away.mail', { email: visitor.email })
      : t('visitor.away');
  return (
    <p className={style.line} role="status" data-here={is_here}>
      <i aria-hidden="true" />
      <span>{where}</span>
      {visitor.proven && <span className={style.proven}>{t('visitor.proven')}</span>}
    </p>
  );
}
