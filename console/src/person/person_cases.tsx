// The cases behind a number on the card: all of this customer's, or those that carry a tag.
import { useState } from 'react';
import type { Person } from '../api/types';
import { useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { network_name, plain_number, t } from '../i18n/i18n';
import { date } from '../i18n/time_words';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Failed, Loading } from '../ui/state';
import style from './person_card.module.css';
import { usePersonCases, usePersonTags } from './person_data';

export function CaseCount({ person }: { person: Person }) {
  const [open, set_open] = useState(false);
  const count = t('person.all_cases', { count: person.case_count });
  if (person.case_count === 0) return count;
  return (
    <>
      <button type="button" className={`num ${style.counted}`} onClick={() => set_open(true)}>
        {count}
      </button>
      {open && <CasesDialog person={person} tag="" on_close={() => set_open(false)} />}
    </>
  );
}

// How often which tag stands on the cases of this customer.
export function TagsOfAll({ person }: { person: Person }) {
  const { ws } = useDesk();
  const [open, set_open] = useState<string | null>(null);
  const tags = usePersonTags(ws, person.id).data ?? [];
  if (person.case_count < 2 || tags.length === 0) return null;
  return (
    <>
      <h3 className={style.sub}>{t('card.tags')}</h3>
      <ul className={style.tag_counts}>
        {tags.map((one) => (
          <li key={one.tag}>
            <button
              type="button"
              className={style.counted}
              title={t('card.tags.show', { tag: one.tag, count: one.cases })}
              onClick={() => set_open(one.tag)}
            >
              {one.tag} <span className="num">{plain_number(one.cases)}</span>
            </button>
          </li>
        ))}
      </ul>
      {open !== null && <CasesDialog person={person} tag={open} on_close={() => set_open(null)} />}
    </>
  );
}

function CasesDialog({ person, tag, on_close }: { person: Person; tag: string; on_close: () => void }) {
  const { ws } = useDesk();
  const cases = usePersonCases(ws, person.id, tag);
  const list = cases.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Dialog
      title={t(tag ? 'card.cases.tag' : 'card.cases.title', { name: person.name, tag })}
      on_close={on_close}
    >
      {cases.isPending && <Loading rows={3} />}
      {cases.error && <Failed error={cases.error} retry={() => void cases.refetch()} />}
      {cases.data && list.length === 0 && <p className={style.none}>{t('card.cases.none')}</p>}
      <ul className={style.cases}>
        {list.map((one) => (
          <li key={one.id}>
            <Link to={inbox_path(ws, 'all', one.id)} onClick={on_close}>
              <span className="num">#{one.number}</span> {one.title}
            </Link>
            <small className="num">
              {date(one.last_post_at)} · {network_name(one.network)} · {t(`status.${one.status}`)}
            </small>
          </li>
        ))}
      </ul>
      {cases.hasNextPage && (
        <Button disabled={cases.isFetchingNextPage} onClick={() => void cases.fetchNextPage()}>
          {t('card.posts.more')}
        </Button>
      )}
    </Dialog>
  );
}
