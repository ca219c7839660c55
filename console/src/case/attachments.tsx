// Pictures, films, sounds, files, places, links and quotes of a post. Nothing is fetched from anywhere but where it
// lies; what only our account could fetch lies with us.
import { useState } from 'react';
import type { Attachment } from '../api/types';
import { t } from '../i18n/i18n';
import { Lightbox } from '../ui/lightbox';
import style from './attachments.module.css';

const safe = (url: string): string | undefined => (/^(https?:|\/|blob:)/i.test(url) ? url : undefined);
const rel = 'noopener noreferrer nofollow';

export function Attachments({ items }: { items: Attachment[] }) {
  const [large, set_large] = useState<number | null>(null);
  if (items.length === 0) return null;
  const pictures = items.filter((item) => item.kind === 'image' && picture_of(item));
  return (
    <div className={style.list}>
      {items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a post's attachments keep their places
        <One key={at} item={item} on_large={() => set_large(pictures.indexOf(item))} />
      ))}
      {large !== null && (
        <Lightbox
          pictures={pictures.map((item) => ({ url: url_of(item) ?? picture_of(item) ?? '', alt: item.alt }))}
          at={large}
          on_move={set_large}
          on_close={() => set_large(null)}
        />
      )}
    </div>
  );
}

const ours_of = (item: Attachment): string | undefined => (item.state === 'kept' ? item.file_url : undefined);
const url_of = (item: Attachment): string | undefined => ours_of(item) ?? safe(item.url);
function picture_of(item: Attachment): string | undefined {
  const is_picture = item.kind === 'image' || item.kind === 'sticker';
  return (
    (is_picture ? ours_of(item) : undefined) ??
    safe(item.thumbnail_url) ??
    (is_picture ? url_of(item) : undefined)
  );
}

// 1,234 bytes are "1.2 KB": for people, not for accounts.
export function size_words(bytes: number): string {
  if (bytes < 1_000) return t('attachment.bytes', { count: bytes });
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(bytes < 10_000 ? 1 : 0)} KB`;
  return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`;
}

function One({ item, on_large }: { item: Attachment; on_large: () => void }) {
  const ours = ours_of(item);
  const url = url_of(item);
  const is_picture = item.kind === 'image' || item.kind === 'sticker';
  const picture = picture_of(item);
  if (item.state && item.state !== 'kept' && !(is_picture && picture)) return <NotHere item={item} />;
  if (is_picture && picture)
    return (
      <figure className={item.kind === 'sticker' ? style.sticker : style.figure}>
        <a
          href={url ?? picture}
          target="_blank"
          rel={rel}
          aria-haspopup={item.kind === 'image' ? 'dialog' : undefined}
          onClick={(event) => {
            // As a link it still opens in a tab of its own.
            if (item.kind !== 'image' || event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            on_large();
          }}
        >
          <img
            src={picture}
            alt={item.alt || t(item.kind === 'sticker' ? 'attachment.sticker' : 'attachment.no_alt')}
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
  if (item.kind === 'video' && ours)
    return (
      // biome-ignore lint/a11y/useMediaCaption: a customer's film has no captions
      <video
        className={style.film}
        src={ours}
        controls
        preload="metadata"
        aria-label={item.alt || item.name || t('attachment.video')}
      />
    );
  if (item.kind === 'audio' && ours)
    return (
      // biome-ignore lint/a11y/useMediaCaption: a customer's voice has no captions
      <audio
        className={style.sound}
        src={ours}
        controls
        preload="metadata"
        aria-label={item.alt || item.name || t('attachment.audio')}
      />
    );
  return (
    <a
      className={style.card}
      href={url}
      {...(ours && item.kind === 'file' ? { download: item.name || true } : { target: '_blank', rel })}
    >
      <small>
        {t(`attachment.${item.kind}`)}
        {item.size ? ` · ${size_words(item.size)}` : ''}
      </small>
      {item.name || item.title || item.alt || item.url || t(`attachment.${item.kind}`)}
    </a>
  );
}

function NotHere({ item }: { item: Attachment }) {
  return (
    <div className={`${style.card} ${style.away}`} role="status">
      <small>
        {t(`attachment.${item.kind}`)}
        {item.size ? ` · ${size_words(item.size)}` : ''}
      </small>
      {item.name && <span>{item.name} </span>}
      {t(`attachment.state.${item.state as 'wanted' | 'gone' | 'refused'}`)}
    </div>
  );
}
