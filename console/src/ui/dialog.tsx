// A dialog: focus inside, Escape closes, focus goes back. Radix's own overlay is not used, because it writes a style
// element, which the content security policy forbids; the veil is ours.
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import style from './dialog.module.css';

interface Props {
  title: string;
  about?: string;
  wide?: boolean;
  bare?: boolean;
  on_close: () => void;
  children: ReactNode;
}
export function Dialog({ title, about, wide, bare, on_close, children }: Props) {
  return (
    <Radix.Root open onOpenChange={(open) => !open && on_close()}>
      <Radix.Portal>
        <div className={style.veil} />
        <Radix.Content
          className={[style.dialog, wide && style.wide, bare && style.bare].filter(Boolean).join(' ')}
          {...(about ? {} : { 'aria-describedby': undefined })}
        >
          <Radix.Title className={bare ? 'unseen' : style.title}>{title}</Radix.Title>
          {about && <Radix.Description className={style.about}>{about}</Radix.Description>}
          {bare ? children : <div className={style.body}>{children}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
