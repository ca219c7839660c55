// One text for each language.
import type { Variant } from '../api/kit_types';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import style from './library.module.css';

const languages = ['', 'ja', 'en'] as const;
const name_of = (language: string): string =>
  language === '' || language === 'ja' || language === 'en'
    ? t(`library.language.${language === '' ? 'any' : language}`)
    : language;

export function VariantsField({
  variants,
  label,
  on_change,
  placeholder,
  rows = 4,
}: {
  variants: Variant[];
  label: string;
  on_change: (variants: Variant[]) => void;
  placeholder?: string;
  rows?: number;
}) {
  const set = (n: number, part: Partial<Variant>): void =>
    on_change(variants.map((one, at) => (at === n ? { ...one, ...part } : one)));
  const left = languages.find((one) => !variants.some((variant) => variant.language === one));
  return (
    <div className={style.variants}>
      {variants.map((variant, n) => (
        <div key={variant.language} className={style.variant}>
          <select
            aria-label={t('library.language')}
            value={variant.language}
            onChange={(event) => set(n, { language: event.target.value })}
          >
            {[...new Set([...languages, variant.language])].map((one) => (
              <option
                key={one}
                value={one}
                disabled={one !== variant.language && variants.some((other) => other.language === one)}
              >
                {name_of(one)}
              </option>
            ))}
          </select>
          {variants.length > 1 && (
            <Button look="quiet" onClick={() => on_change(variants.filter((_, at) => at !== n))}>
              {t('library.variant.remove')}
            </Button>
          )}
          <textarea
            aria-label={`${label} (${name_of(variant.language)})`}
            value={variant.text}
            rows={rows}
            maxLength={5_000}
            placeholder={placeholder}
            onChange={(event) => set(n, { text: event.target.value })}
          />
        </div>
      ))}
      {left !== undefined && (
        <Button look="quiet" onClick={() => on_change([...variants, { language: left, text: '' }])}>
          {t('library.variant.add')}
        </Button>
      )}
    </div>
  );
}
