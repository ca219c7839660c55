// A person's picture, lazily and without a referrer; initials on a steady colour when there is none.
import { useState } from 'react';
import style from './avatar.module.css';

// Dark enough for white letters (WCAG AA).
const colours = [
  '#4d6f9c',
  '#8b5e83',
  '#2f7d5b',
  '#9c4d4d',
  '#66743a',
  '#5a5f8c',
  '#3a767c',
  '#8f5e2a',
  '#7a5aa0',
];
export function colour_of(name: string): string {
  let sum = 7;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)!) % 9973;
  return colours[sum % colours.length]!;
}
export function initial_of(name: string): string {
  return [...name.replace(/^@/, '')][0]?.toUpperCase() ?? '?';
}

interface Props {
  name: string;
  url?: string;
  size?: 'small' | 'middle' | 'large';
  mark?: string;
  initials?: string;
}
export function Avatar({ name, url, size = 'middle', mark, initials }: Props) {
  const [broken, set_broken] = useState('');
  const shown = url && /^(https:|blob:|data:image\/|\/)/.test(url) && broken !== url ? url : '';
  return (
    <span
      className={`${style.avatar} ${style[size]}`}
      style={{ background: colour_of(name) }}
      aria-hidden="true"
    >
      {shown ? (
        <img
          src={shown}
          alt=""
          loading="lazy"
          decoding="async"
          referrerPolicy="no-referrer"
          onError={() => set_broken(shown)}
        />
      ) : (
        (initials && (/^[\x20-\x7e]+$/.test(initials) ? initials.slice(0, 2) : [...initials][0])) ||
        initial_of(name)
      )}
      {mark && <span className={style.network}>{mark}</span>}
    </span>
  );
}
