// A menu under a button, built on Radix (not modal: the page stays scrollable and no style element is written).
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import style from './menu.module.css';

export function Menu({
  trigger,
  children,
  open,
  on_open,
  align = 'start',
}: {
  trigger: ReactNode;
  children: ReactNode;
  open?: boolean;
  on_open?: (open: boolean) => void;
  align?: 'start' | 'end';
}) {
  return (
    <Radix.Root
      modal={false}
      {...(open === undefined ? {} : { open })}
      {...(on_open ? { onOpenChange: on_open } : {})}
    >
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={style.menu} align={align} sideOffset={5} collisionPadding={8}>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
export function MenuItem({
  children,
  hint,
  on_select,
  tone,
  disabled,
}: {
  children: ReactNode;
  hint?: ReactNode;
  on_select: () => void;
  tone?: 'act';
  disabled?: boolean;
}) {
  return (
    <Radix.Item
      className={`${style.item} ${tone ? style.act : ''}`}
      onSelect={on_select}
      {...(disabled ? { disabled } : {})}
    >
      {children}
      {hint !== undefined && <span className={style.hint}>{hint}</span>}
    </Radix.Item>
  );
}
export const MenuLabel = ({ children }: { children: ReactNode }) => (
  <Radix.Label className={style.label}>{children}</Radix.Label>
);
export const MenuRule = () => <Radix.Separator className={style.rule} />;
