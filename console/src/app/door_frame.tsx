// The quiet page around everything before the desk: sign-in, set-up, invitation.
import type { ReactNode } from 'react';
import style from './door_frame.module.css';

export function DoorFrame({
  title,
  about,
  wide,
  children,
}: {
  title: string;
  about?: string;
  wide?: boolean;
  children: ReactNode;
}) {
  return (
    <main className={style.page}>
      <div className={`${style.card} ${wide ? style.wide : ''}`}>
        <div className={style.brand}>
          <i aria-hidden="true">聞</i>
          <span>Kikimimi</span>
        </div>
        <h1>{title}</h1>
        {about && <p className={style.about}>{about}</p>}
        {children}
      </div>
    </main>
  );
}
