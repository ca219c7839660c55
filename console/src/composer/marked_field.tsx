// A text field whose words can be underlined: a copy of the text lies behind it, invisible but for its marks. The field
// itself stays a plain one, so that input methods, undo and spelling work as everywhere.
import { type Ref, type TextareaHTMLAttributes, useImperativeHandle, useLayoutEffect, useRef } from 'react';
import style from './composer.module.css';
import type { Mark } from './finding_words';
import marked from './marked_field.module.css';

interface Props extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  value: string;
  marks: readonly Mark[];
  ref?: Ref<HTMLTextAreaElement | null>;
}
export function MarkedField({ value, marks, ref, ...rest }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const behind = useRef<HTMLDivElement>(null);
  useImperativeHandle(ref, () => field.current!);
  const follow = (): void => {
    if (behind.current && field.current) behind.current.scrollTop = field.current.scrollTop;
  };
  useLayoutEffect(follow);
  const out: React.ReactNode[] = [];
  let from = 0;
  for (const { start, end, severity } of marks) {
    out.push(value.slice(from, start));
    out.push(
      <mark key={start} data-severity={severity}>
        {value.slice(start, end)}
      </mark>,
    );
    from = end;
  }
  out.push(value.slice(from), '\n');
  return (
    <div className={marked.paper}>
      <div ref={behind} className={marked.behind} aria-hidden="true">
        {out}
      </div>
      <textarea
        ref={field}
        className={`${style.text} ${marked.field}`}
        value={value}
        onScroll={follow}
        {...rest}
      />
    </div>
  );
}
