// The pictures below the text, each with its description for those who cannot see it.
import { t } from '../i18n/i18n';
import { Icon } from '../ui/icon';
import style from './image_strip.module.css';
import type { Images } from './use_images';

export function ImageStrip({ images, alt_allowed }: { images: Images; alt_allowed: boolean }) {
  if (images.items.length === 0 && !images.error) return null;
  return (
    <div className={style.strip}>
      {images.items.map((image) => (
        <div key={image.id} className={style.image}>
          <img src={image.url} alt={image.alt} className={image.busy ? style.busy : ''} />
          <button type="button" aria-label={t('image.remove')} onClick={() => images.drop(image.id)}>
            <Icon name="close" size={11} />
          </button>
          {alt_allowed && (
            <input
              aria-label={t('image.alt')}
              placeholder={t('image.alt')}
              defaultValue={image.alt}
              maxLength={1000}
              disabled={image.busy}
              onBlur={(event) =>
                event.target.value !== image.alt && images.describe(image.id, event.target.value)
              }
            />
          )}
        </div>
      ))}
      {images.error && (
        <p className={style.error} role="status">
          {images.error}
        </p>
      )}
    </div>
  );
}
