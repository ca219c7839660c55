// What an act would change, and what it would refuse and why, before it is run.
import { useQuery } from '@tanstack/react-query';
import { post } from '../api/client';
import { key, ws_path } from '../api/keys';
import type { ActPreview, ActRequest } from '../api/types';
import { useDesk } from '../app/desk';
import { t, t_or } from '../i18n/i18n';
import { Failed, Loading } from '../ui/state';
import style from './teamwork.module.css';

const shown_cases = 8;

export function useActPreview(request: ActRequest | null) {
  const { ws } = useDesk();
  return useQuery({
    queryKey: [...key.part(ws, 'act_preview'), request],
    queryFn: () => post<ActPreview>(ws_path(ws, '/acts/preview'), request),
    enabled: request !== null,
    gcTime: 0,
    staleTime: 0,
  });
}

export const refusal_words = (code: string): string =>
  t_or(`refusal.${code.split(':')[0]}`, t_or(`error.${code}`, t('refusal.other')));

export function ActPreviewView({ preview }: { preview: ReturnType<typeof useActPreview> }) {
  if (preview.isPending) return <Loading rows={2} />;
  if (preview.error) return <Failed error={preview.error} retry={() => void preview.refetch()} />;
  const { items, cases, will_change, will_refuse } = preview.data;
  const looked = items.length;
  const refused = items.filter((one) => one.code !== '');
  return (
    <div className={style.preview} aria-live="polite">
      <p>
        <b>{t('acts.will_change', { count: will_change, of: looked })}</b>
        {cases > looked && ` ${t('acts.looked_at', { count: looked, of: cases })}`}
      </p>
      {will_refuse > 0 && (
        <>
          <p>{t('acts.will_refuse', { count: will_refuse })}</p>
          <ul>
            {refused.slice(0, shown_cases).map((one) => (
              <li key={one.case_id}>
                <span className="num">#{one.number}</span> {one.name}: {refusal_words(one.code)}
              </li>
            ))}
            {refused.length > shown_cases && <li>…</li>}
          </ul>
        </>
      )}
    </div>
  );
}
