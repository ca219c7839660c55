// A picture as large as the window allows. Escape or a click beside it closes, arrow keys walk through those of the
// same post; the focus goes back to where it was.
import { Dialog as Radix } from 'radix-ui';
import { useState } from 'react';
import { t } from '../i18n/i18n';
import { Icon } from './icon';
import style from './lightbox.module.css';

export interface Picture {
  url: string;
  alt: string;
}
interface Props {
  pictures: Picture[];
  at: number;
  on_move: (at: number) => void;
  on_close: () => void;
}
export function Lightbox({ pictures, at, on_move, on_close }: Props) {
  // Nothing of Radix's opened it, so Radix does not know where to go back.
  const [before] = useState(() => document.activeElement);
  const picture = pictures[at];
  if (!picture) return null;
  const move = (step: number): void => {
    const next = at + step;
    if (next >= 0 && next < pictures.length) on_move(next);
  };
  const title = picture.alt || t('attachment.no_alt');
  return (
    <Radix.Root open onOpenChange={(open) => !open && on_close()}>
      <Radix.Portal>
        <Radix.Content
          className={style.box}
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (before instanceof HTMLElement) before.focus();
          }}
          onKeyDown={(event) => {
            if (event.key === 'ArrowRight') move(1);
            if (event.key === 'ArrowLeft') move(-1);
          }}
        >
          <Radix.Title className="unseen">{title}</Radix.Title>
          <div
            className={style.stage}
            onClick={(event) => {
              if (event.target === event.currentTarget) on_close();
            }}
          >
            <img key={picture.url} src={picture.url} alt={title} referrerPolicy="no-referrer" />
          </div>
          <div className={style.bar}>
            {picture.alt && <p title={picture.alt}>{picture.alt}</p>}
            {pictures.length > 1 && (
              <>
                <button
                  type="button"
                  aria-label={t('lightbox.previous')}
                  disabled={at === 0}
                  onClick={() => move(-1)}
                >
                  ‹
                </button>
                <span className="num" aria-live="polite">
                  {t('lightbox.place', { at: at + 1, count: pictures.length })}
                </span>
                <button
                  type="button"
                  aria-label={t('lightbox.next')}
                  disabled={at === pictures.length - 1}
                  onClick={() => move(1)}
                >
                  ›
                </button>
              </>
            )}
            <a href={picture.url} target="_blank" rel="noopener noreferrer nofollow">
              {t('lightbox.original')}
            </a>
            <Radix.Close className={style.close} aria-label={t('action.close')}>
              <Icon name="close" size={16} />
            </Radix.Close>
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
