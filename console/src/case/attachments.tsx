// Pictures, links and quotes of a post. Nothing is fetched from anywhere but where the picture lies.
import type { Attachment } from '../api/types';
import { t } from '../i18n/i18n';
import style from './attachments.module.css';

const safe = (url: string): string | undefined => (/^(https?:|\/|blob:)/i.test(url) ? url : undefined);

export function Attachments({ items }: { items: Attachment[] }) {
  if (items.length === 0) return null;
  return (
    <div className={style.list}>
      {items.map((item) => (
        <One key={`${item.kind} ${item.url}`} item={item} />
      ))}
    </div>
  );
}
function One({ item }: { item: Attachment }) {
  const url = safe(item.url);
  const picture = safe(item.thumbnail_url) ?? (item.kind === 'image' ? url : undefined);
  const rel = 'noopener noreferrer nofollow';
  if (item.kind === 'image' && picture)
    return (
      <figure className={style.figure}>
        <a href={url ?? picture} target="_blank" rel={rel}>
          <img
            src={picture}
            alt={item.alt || t('attachment.no_alt')}
            loading="lazy"
            decoding="async"
            referrerPolicy="no-referrer"
            width={item.width || undefined}
            height={item.height || undefined}
          />
        </a>
        {item.alt && <figcaption>{item.alt}</figcaption>}
      </figure>
    );
  return (
    <a className={style.card} href={url} target="_blank" rel={rel}>
      <small>{t(`attachment.${item.kind}`)}</small>
      {item.title || item.alt || item.url}
    </a>
  );
}
