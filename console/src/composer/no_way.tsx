// Nothing connected could answer here: the two ways out.

import type { CaseDetail } from '../api/types';
import { useDesk } from '../app/desk';
import { go, settings_path } from '../app/router';
import { useTimeline } from '../case/use_timeline';
import { network_name, t } from '../i18n/i18n';
import { Button } from '../ui/button';
import button from '../ui/button.module.css';
import { Icon } from '../ui/icon';
import style from './composer.module.css';

export function NoWay({ detail, tabs }: { detail: CaseDetail; tabs: React.ReactNode }) {
  const { ws, can_administer } = useDesk();
  const network = network_name(detail.network);
  const items = useTimeline(ws, detail.id).data?.items ?? [];
  const post = items.findLast(
    (item) => item.type === 'post' && item.direction === 'in' && /^https?:/.test(item.url),
  );
  return (
    <>
      <div className={style.to}>
        <span className={style.where}>
          <b>{t('noway.title', { network })}</b>
        </span>
        {tabs}
      </div>
      <div className={style.nobody}>
        <p>{t(can_administer ? 'noway.text' : 'noway.text.ask', { network })}</p>
        {can_administer && (
          <Button look="primary" onClick={() => go(settings_path(ws, 'accounts'))}>
            {t('noway.connect')}
          </Button>
        )}
        {post?.type === 'post' && (
          <a className={button.button} href={post.url} target="_blank" rel="noopener noreferrer nofollow">
            <Icon name="open" size={14} />
            {t('noway.open', { network })}
          </a>
        )}
      </div>
    </>
  );
}
