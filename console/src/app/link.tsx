// An ordinary link that stays in the page unless the person asks for a new tab.
import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { go } from './router';

interface Props extends AnchorHTMLAttributes<HTMLAnchorElement> {
  to: string;
}
export function Link({ to, onClick, ...rest }: Props) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
      return;
    event.preventDefault();
    go(to);
  };
  return <a {...rest} href={to} onClick={follow} />;
}
