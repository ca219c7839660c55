// One reply that waits for a second person: what the customer wrote, what is to be sent, why it was held back, and the
// three ways to decide.
import { useId, useRef, useState } from 'react';
import type { Approval } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { Link } from '../app/link';
import { inbox_path } from '../app/router';
import { show_why } from '../case/why_store';
import { marks_in } from '../composer/finding_words';
import { Findings } from '../composer/findings';
import { sends } from '../composer/send_key';
import { network_name, t } from '../i18n/i18n';
import { absolute, promise_words, promised_row, time_ago } from '../i18n/time_words';
import { useNow } from '../i18n/use_now';
import { PromiseMark } from '../inbox/promise_mark';
import { at_sign } from '../inbox/row';
import { Button } from '../ui/button';
import { Marked } from '../ui/marked';
import style from './approval_card.module.css';
import { useDecision } from './use_decision';

interface Props {
  approval: Approval;
  inside_case?: boolean; // the customer's words stand above already
}
export function ApprovalCard({ approval, inside_case = false }: Props) {
  const { ws, me, role } = useDesk();
  const now = useNow();
  const title = useId();
  const decision = useDecision(approval);
  const [mode, set_mode] = useState<'look' | 'edit' | 'back'>('look');
  const [text, set_text] = useState('');
  const first = useRef<HTMLButtonElement>(null);
  const own = approval.asked_by === me.id;
  const may = at_least(role, 'lead') && !own;
  const changed = decision.findings;
  const open = (next: 'edit' | 'back'): void => {
    set_text(next === 'edit' ? approval.text : '');
    set_mode(next);
  };
  const close = (): void => {
    set_mode('look');
    window.setTimeout(() => first.current?.focus(), 0);
  };
  const finish = async (): Promise<void> => {
    if (text.trim() === '') return;
    const done = await (mode === 'edit' ? decision.approve(text.trimEnd()) : decision.send_back(text.trim()));
    if (done) set_mode('look');
  };
  // The words answer what was asked before: to send them unchanged is the last that comes to mind then.
  const again = approval.customer_wrote_again;
  const approve = (
    <Button
      ref={again ? undefined : first}
      look={again ? 'plain' : 'primary'}
      disabled={decision.busy}
      onClick={() => void decision.approve()}
    >
      {t(again ? 'approval.approve_anyway' : 'approval.approve')}
    </Button>
  );
  return (
    <article className={style.card} aria-labelledby={title} data-approval={approval.id}>
      <header className={style.head}>
        <h3 id={title}>
          {inside_case ? (
            t('approval.waits')
          ) : (
            <Link to={inbox_path(ws, 'all', approval.case_id)}>
              {approval.customer_name}
              <small className="num"> #{approval.case_number}</small>
            </Link>
          )}
        </h3>
        <span className={style.meta}>
          {t(approval.visibility === 'private' ? 'composer.to.private' : 'composer.to.public', {
            network: network_name(approval.network),
            handle: at_sign(approval.account_handle),
          })}
          {' · '}
          {t('approval.asked', { name: approval.asked_by_name })}
          {' · '}
          <time className="num" dateTime={approval.asked_at} title={absolute(approval.asked_at)}>
            {time_ago(approval.asked_at, now)}
          </time>
          {approval.copy_to.length > 0 && (
            <>
              {' · '}
              {t('composer.copies')} <bdi>{approval.copy_to.join(', ')}</bdi>
            </>
          )}
        </span>
        {!inside_case && approval.due_at && <Due approval={approval} due_at={approval.due_at} now={now} />}
      </header>
      {!inside_case && <blockquote className={style.theirs}>{approval.target_text}</blockquote>}
      {again && (
        <div className={style.again} role="status">
          <b>{t('approval.wrote_again')}</b>
          {!inside_case && <blockquote>{approval.newest_text}</blockquote>}
        </div>
      )}
      {mode !== 'edit' && (
        <p className={style.ours}>
          <Marked
            text={approval.text}
            marks={marks_in(approval.text, approval.text, approval.findings).map(({ start, end }) => [
              start,
              end,
            ])}
          />
        </p>
      )}
      {approval.attachment_ids.length > 0 && (
        <div className={style.pictures}>
          {approval.attachment_ids.map((id) => (
            <img key={id} src={`/api/v1/workspaces/${ws}/attachments/${id}`} alt={t('approval.picture')} />
          ))}
        </div>
      )}
      <Findings findings={changed ?? approval.findings} />
      {approval.note !== '' && (
        <p className={style.note}>
          <b>{approval.asked_by_name}</b> {approval.note}
        </p>
      )}
      {mode !== 'look' && (
        <textarea
          className={style.field}
          autoFocus
          aria-label={t(mode === 'edit' ? 'approval.text' : 'approval.answer')}
          placeholder={mode === 'back' ? t('approval.answer.placeholder') : undefined}
          value={text}
          onChange={(event) => set_text(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && !event.nativeEvent.isComposing) {
              event.preventDefault();
              event.stopPropagation();
              close();
            }
            if (!sends(event.nativeEvent, false)) return;
            event.preventDefault();
            void finish();
          }}
        />
      )}
      <footer className={style.verbs}>
        {mode !== 'look' ? (
          <>
            <Button
              look="primary"
              keys="Mod+Enter"
              disabled={decision.busy || text.trim() === ''}
              onClick={() => void finish()}
            >
              {t(mode === 'edit' ? 'approval.send_edited' : 'approval.send_back')}
            </Button>
            <Button look="quiet" onClick={close}>
              {t('action.cancel')}
            </Button>
          </>
        ) : may ? (
          <>
            {!again && approve}
            <Button
              ref={again ? first : undefined}
              look={again ? 'primary' : 'plain'}
              disabled={decision.busy}
              onClick={() => open('edit')}
            >
              {t('approval.edit')}
            </Button>
            <Button disabled={decision.busy} onClick={() => open('back')}>
              {t('approval.send_back')}
            </Button>
            {again && approve}
          </>
        ) : own ? (
          <>
            <Button className={style.alone} disabled={decision.busy} onClick={() => void decision.withdraw()}>
              {t('approval.withdraw')}
            </Button>
            <span className={`${style.meta} ${style.beside}`}>
              {t(again ? 'approval.own.again' : 'approval.own')}
            </span>
          </>
        ) : (
          <span className={style.meta}>{t('approval.others')}</span>
        )}
      </footer>
    </article>
  );
}

// What is left of the promise this answer is for; says why when it is clicked.
function Due({ approval, due_at, now }: { approval: Approval; due_at: string; now: number }) {
  const left = promised_row({ due_at, promised_from: null }, now);
  return (
    <Button
      look="quiet"
      className={`num ${style.due} ${style[left.urgency]}`}
      title={t('row.due_at', { time: absolute(due_at) })}
      onClick={() => show_why(approval.case_id)}
    >
      <PromiseMark left={left} />
      {promise_words(left)}
    </Button>
  );
}
