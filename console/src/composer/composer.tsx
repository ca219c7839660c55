// Where an answer is written. It says in words where this goes and who can read it; a note looks different.
import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { CaseDetail } from '../api/types';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { hold_keys, useCommand } from '../keys/commands';
import style from './composer.module.css';
import { NoWay } from './no_way';
import { NoteForm } from './note_form';
import { OthersDraft } from './others_draft';
import { ReplyForm } from './reply_form';
import { on_returned } from './returned';

interface Props {
  detail: CaseDetail;
  on_writing: (writing: boolean) => void;
  wanted: 'reply' | 'note' | null; // asked for before the case was there
}
export function Composer({ detail, on_writing, wanted }: Props) {
  const { can_act } = useDesk();
  const [tab, set_tab] = useState<'reply' | 'note'>(wanted ?? 'reply');
  const box = useRef<HTMLDivElement>(null);
  const timer = useRef(0);
  const show = (next: 'reply' | 'note') => {
    // At once: the next key already belongs to the text.
    flushSync(() => set_tab(next));
    box.current?.querySelector('textarea')?.focus();
  };
  useEffect(() => {
    hold_keys(0);
    if (wanted) box.current?.querySelector('textarea')?.focus();
  }, [wanted]);
  useCommand('reply', () => show('reply'), can_act);
  useCommand('note', () => show('note'), can_act);
  const wrote = () => {
    on_writing(true);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => on_writing(false), 12_000);
  };
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useEffect(() => on_returned((id) => id === detail.id && set_tab('reply')), [detail.id]);
  if (!can_act) return <p className={style.viewer}>{t('composer.viewer')}</p>;
  const tabs = (
    <div className={style.tabs} role="tablist" aria-label={t('composer.kind')}>
      {(['reply', 'note'] as const).map((one) => (
        <button key={one} type="button" role="tab" aria-selected={tab === one} onClick={() => show(one)}>
          {t(`composer.tab.${one}`)} <kbd aria-hidden="true">{one === 'reply' ? 'r' : 'n'}</kbd>
        </button>
      ))}
    </div>
  );
  return (
    <div
      ref={box}
      className={`${style.composer} ${tab === 'note' ? style.note : ''}`}
      onKeyDown={(event) => {
        // Escape leaves the text for the list's keys; the draft stays.
        if (
          event.key === 'Escape' &&
          !event.nativeEvent.isComposing &&
          event.target instanceof HTMLTextAreaElement
        ) {
          event.preventDefault();
          event.stopPropagation();
          event.target.blur();
        }
      }}
    >
      <OthersDraft detail={detail} kind={tab} />
      {tab === 'note' ? (
        // A note is nothing the customer waits for: nobody sees us write it.
        <NoteForm detail={detail} tabs={tabs} on_wrote={() => on_writing(false)} />
      ) : detail.can_reply.length === 0 ? (
        <NoWay detail={detail} tabs={tabs} />
      ) : (
        <ReplyForm detail={detail} tabs={tabs} on_wrote={wrote} on_sent={() => on_writing(false)} />
      )}
    </div>
  );
}
