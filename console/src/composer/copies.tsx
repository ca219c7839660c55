// Whom a mail's answer reaches. Others who read the customer's mail are named with their addresses, and get the answer
// only when the writer ticks them.
import type { ReplyWay } from '../api/types';
import { t } from '../i18n/i18n';
import style from './copies.module.css';

const limit = 50; // as the server has it

interface Props {
  way: ReplyWay;
  chosen: string[];
  on_choose: (addresses: string[]) => void;
}
export function Copies({ way, chosen, on_choose }: Props) {
  if (!way.answers || way.others.length === 0) return null;
  const all = way.others.slice(0, limit).map((one) => one.address);
  return (
    <fieldset className={style.copies}>
      <legend>{t('composer.copies')}</legend>
      <div className={style.list}>
        {way.others.map((one) => (
          <label key={one.address}>
            <input
              type="checkbox"
              checked={chosen.includes(one.address)}
              disabled={chosen.length >= limit && !chosen.includes(one.address)}
              onChange={(event) =>
                on_choose(
                  event.target.checked
                    ? [...chosen, one.address]
                    : chosen.filter((address) => address !== one.address),
                )
              }
            />
            <span>
              {one.name && <b>{one.name}</b>} <bdi>{one.address}</bdi>
            </span>
          </label>
        ))}
      </div>
      {way.others.length > limit && <span>{t('composer.copies.limit', { count: limit })}</span>}
      {all.length > 1 && (
        <button type="button" onClick={() => on_choose(chosen.length === all.length ? [] : all)}>
          {t(chosen.length === all.length ? 'composer.copies.none' : 'composer.copies.all')}
        </button>
      )}
    </fieldset>
  );
}
