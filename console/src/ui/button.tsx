// Every button of the console. `keys` shows the shortcut beside the verb.
import type { ButtonHTMLAttributes, Ref } from 'react';
import { key_label } from '../keys/keymap';
import style from './button.module.css';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: 'plain' | 'primary' | 'note' | 'danger' | 'quiet';
  big?: boolean;
  icon?: boolean;
  keys?: string | undefined;
  ref?: Ref<HTMLButtonElement>;
}
export function Button({ look = 'plain', big, icon, keys, className, children, type, ...rest }: Props) {
  const names = [
    style.button,
    look !== 'plain' && style[look],
    big && style.big,
    icon && style.icon,
    className,
  ];
  return (
    <button type={type ?? 'button'} className={names.filter(Boolean).join(' ')} {...rest}>
      {children}
      {keys && <kbd aria-hidden="true">{key_label(keys)}</kbd>}
    </button>
  );
}
