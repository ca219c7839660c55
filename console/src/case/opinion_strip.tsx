// Somebody is not sure what to do with this case: their question stands above the composer, and one press answers it.
import { act_with_undo } from '../api/case_actions';
import { useMembers } from '../api/queries';
import type { CaseDetail } from '../api/types';
import { useDesk } from '../app/desk';
import strip from '../composer/elsewhere.module.css';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import style from './opinion_strip.module.css';
import { open_picker } from './picker_store';

export function OpinionStrip({ detail }: { detail: CaseDetail }) {
  const { ws, me, desk, can_act } = useDesk();
  const members = useMembers(ws).data ?? [];
  const { opinion } = detail;
  if (!opinion || !can_act) return null;
  const name_of = (id: string | null): string => members.find((one) => one.user_id === id)?.name ?? '';
  const mine = opinion.by === me.id;
  return (
    <section className={`${strip.strip} ${style.place}`} aria-label={t('opinion.label')}>
      <p>
        <b>
          {mine
            ? opinion.of
              ? t('opinion.waits_for', { name: name_of(opinion.of) })
              : t('opinion.waits')
            : t(opinion.of === me.id ? 'opinion.asks_you' : 'opinion.asks', { name: name_of(opinion.by) })}
        </b>
      </p>
      {opinion.note && <blockquote>{opinion.note}</blockquote>}
      <div className={`${strip.verbs} ${style.verbs}`}>
        {!mine && (
          <>
            <Button look="primary" onClick={() => act_with_undo(desk, [detail], { kind: 'open' })}>
              {t('opinion.respond')}
            </Button>
            <Button onClick={() => open_picker('watch', [detail])}>{t('opinion.watch')}</Button>
            <Button onClick={() => open_picker('dismiss', [detail])}>{t('opinion.skip')}</Button>
          </>
        )}
        {mine && (
          <Button look="quiet" onClick={() => open_picker('opinion', [detail])}>
            {t('opinion.change')}
          </Button>
        )}
      </div>
    </section>
  );
}
