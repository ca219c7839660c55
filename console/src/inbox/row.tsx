// One case in the list: who, what they said, how much of the promise is left, why it is here, who is at it.
import type { CaseRow, Id, Triage, View } from '../api/types';
import { mark_of, useDesk, useMemberOf } from '../app/desk';
import { show_why } from '../case/why_store';
import { current_language, network_name, t } from '../i18n/i18n';
import { rank_lines, rank_short } from '../i18n/rank_words';
import { reason_words } from '../i18n/reason_words';
import { absolute, ago, promise_words, promised_row } from '../i18n/time_words';
import { belongs } from '../live/case_lists';
import { Avatar } from '../ui/avatar';
import { Icon } from '../ui/icon';
import { Marked } from '../ui/marked';
import { PresenceFaces } from './presence_faces';
import { PromiseMark } from './promise_mark';
import style from './row.module.css';

interface Props {
  row: CaseRow;
  view: View;
  now: number;
  compact: boolean;
  current: boolean;
  fresh: boolean;
  selected: boolean;
  selecting: boolean;
  at: number;
  of: number;
  on_open: (id: Id) => void;
  on_select: (id: Id) => void;
}
export function Row(props: Props) {
  const { row, view, now, compact, current, selected, at, of, on_open, on_select } = props;
  const { me } = useDesk();
  const gone = !belongs(view, null, row, me.id);
  const names = [
    style.row,
    current && style.on,
    selected && style.selected,
    gone && style.gone,
    compact && style.compact,
    props.fresh && style.fresh,
    props.selecting && style.selecting,
  ];
  const line = row.preview || row.title;
  const top = rank_short(row, { beside_chips: true });
  return (
    <div
      id={`row-${row.id}`}
      className={names.filter(Boolean).join(' ')}
      role="option"
      tabIndex={-1}
      aria-selected={selected || current}
      aria-posinset={at}
      aria-setsize={of}
      onClick={(event) =>
        event.shiftKey || event.ctrlKey || event.metaKey ? on_select(row.id) : on_open(row.id)
      }
    >
      <span
        className={style.face}
        title={t('command.select')}
        onClick={(event) => {
          event.stopPropagation();
          on_select(row.id);
        }}
      >
        <Avatar name={row.name || row.handle} url={row.avatar_url} mark={mark_of(row.network)} />
        <span className={style.tick}>{selected && <Icon name="check" size={14} />}</span>
      </span>
      <div className={style.words}>
        <div className={style.top}>
          <b>{row.name || row.handle}</b>
          <em>{row.handle ? at_sign(row.handle) : network_name(row.network)}</em>
          {compact && <PresenceFaces case_id={row.id} />}
          <TimeLeft row={row} now={now} />
        </div>
        <div className={style.say}>
          {row.preview ? <Marked text={row.preview} marks={row.preview_marks} /> : line || t('row.no_text')}
        </div>
        {!compact && (
          <div className={style.why}>
            <span className={style.chips}>
              <Reasons row={row} view={view} />
            </span>
            {top && (
              <span
                className={style.rank}
                title={t('rank.why')}
                onClick={(event) => {
                  event.stopPropagation();
                  show_why(row.id);
                }}
              >
                {top}
              </span>
            )}
            <PresenceFaces case_id={row.id} />
          </div>
        )}
      </div>
    </div>
  );
}

export const at_sign = (handle: string): string => (/^[A-Za-z0-9_.-]+$/.test(handle) ? `@${handle}` : handle);

function TimeLeft({ row, now }: { row: CaseRow; now: number }) {
  if (row.due_at && row.status === 'open') {
    const left = promised_row({ due_at: row.due_at, promised_from: row.promised_from }, now);
    return (
      <span
        className={`${style.due} num ${style[left.urgency]}`}
        title={[t('row.due_at', { time: absolute(row.due_at) }), ...rank_lines(row)].join('\n')}
        onClick={(event) => {
          event.stopPropagation();
          show_why(row.id);
        }}
      >
        <PromiseMark left={left} />
        {promise_words(left)}
      </span>
    );
  }
  return (
    <span className={`${style.due} num`} title={absolute(row.last_post_at)}>
      {ago(row.last_post_at, now)}
    </span>
  );
}

// Chips say why the case is here and what is special about it, never what the eye already sees.
function Reasons({ row, view }: { row: CaseRow; view: View }) {
  const { me } = useDesk();
  const assignee = useMemberOf(row.assignee_id);
  const shown_status = row.status !== view && row.status !== 'open' && row.status !== 'found';
  return (
    <>
      {shown_status && (
        <span className={`${style.chip} ${row.status === 'resolved' ? style.good : ''}`}>
          {t(`status.${row.status}`)}
        </span>
      )}
      {(row.status === 'dismissed' || row.status === 'watched') && row.dismiss_reason && (
        <span className={style.chip}>{reason_words(row.dismiss_reason)}</span>
      )}
      {row.opinion && (
        <span className={`${style.chip} ${style.found}`} title={row.opinion.note || undefined}>
          {t(row.opinion.of === me.id ? 'row.opinion.mine' : 'row.opinion')}
        </span>
      )}
      {row.status === 'watched' && row.snoozed_until && (
        <span className={`${style.chip} num`}>
          {t('row.watched_until', { time: absolute(row.snoozed_until) })}
        </span>
      )}
      {row.status === 'snoozed' && row.snoozed_until && (
        <span className={`${style.chip} num`}>{t('row.until', { time: absolute(row.snoozed_until) })}</span>
      )}
      <TriageChips triage={row.triage} />
      {row.origin === 'found' && (
        <span className={`${style.chip} ${style.found}`}>{t('row.unaddressed')}</span>
      )}
      {row.assignee_id && view !== 'mine' && (
        <span className={style.chip}>
          {row.assignee_id === me.id ? t('row.mine') : t('row.assigned', { name: assignee?.name ?? '…' })}
        </span>
      )}
      {(row.followers ?? 0) >= 1000 && (
        <span className={style.chip}>{t('row.followers', { count: compact_number(row.followers!) })}</span>
      )}
      {row.tags.slice(0, 2).map((tag) => (
        <span key={tag} className={style.chip}>
          {tag}
        </span>
      ))}
      {row.post_count > 1 && (
        <span className={`${style.chip} ${style.bare} num`}>{t('row.posts', { count: row.post_count })}</span>
      )}
    </>
  );
}

// What triage read from the posts that wait. Chatter says nothing that helps, so it is left out.
function TriageChips({ triage }: { triage: Triage | null }) {
  if (!triage) return null;
  const risks = (['danger', 'legal', 'money'] as const).filter((risk) => triage[risk]);
  return (
    <>
      {risks.map((risk) => (
        <span key={risk} className={`${style.chip} ${risk === 'danger' ? style.danger : style.risk}`}>
          {t(`triage.${risk}`)}
        </span>
      ))}
      {triage.kind !== 'chatter' && (
        <span className={`${style.chip} ${triage.kind === 'praise' ? style.good : ''}`}>
          {t(`triage.kind.${triage.kind}`)}
        </span>
      )}
      {triage.no_contact && <span className={style.chip}>{t('triage.no_contact')}</span>}
      {triage.among_users && <span className={style.chip}>{t('triage.among_users')}</span>}
    </>
  );
}
export function compact_number(value: number): string {
  return new Intl.NumberFormat(current_language(), { notation: 'compact', maximumFractionDigits: 1 }).format(
    value,
  );
}
