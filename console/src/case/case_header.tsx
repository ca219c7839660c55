// The case's name, where it stands, and the verbs; the right verb is the prominent one.
import { act_with_undo } from '../api/case_actions';
import type { CaseDetail } from '../api/types';
import { useDesk, useMemberOf } from '../app/desk';
import { network_name, t } from '../i18n/i18n';
import { rank_lines } from '../i18n/rank_words';
import { absolute, promise_words, promised_row } from '../i18n/time_words';
import { useNow } from '../i18n/use_now';
import { PresenceFaces } from '../inbox/presence_faces';
import { PromiseMark } from '../inbox/promise_mark';
import { run_command } from '../keys/commands';
import { open_team_dialog } from '../teamwork/dialog_store';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Menu, MenuItem, MenuRule } from '../ui/menu';
import style from './case_header.module.css';
import { open_picker } from './picker_store';
import { show_why } from './why_store';

interface Props {
  detail: CaseDetail;
  card_open: boolean;
  on_card: () => void;
  on_back: () => void;
}
export function CaseHeader({ detail, card_open, on_card, on_back }: Props) {
  const { desk, me, can_act } = useDesk();
  const assignee = useMemberOf(detail.assignee_id);
  const { status } = detail;
  const is_private = detail.conversations.some((one) => one.visibility === 'private');
  const done = status === 'resolved' || status === 'dismissed';
  const where = t(is_private ? 'case.place.private' : 'case.place.public', {
    network: network_name(detail.network),
  });
  const who = detail.assignee_id
    ? detail.assignee_id === me.id
      ? t('case.mine')
      : t('case.assigned', { name: assignee?.name ?? '…' })
    : t('case.nobody');
  const state =
    status === 'snoozed' && detail.snoozed_until
      ? t('case.until', { time: absolute(detail.snoozed_until) })
      : status === 'open'
        ? ''
        : t(`status.${status}`);
  return (
    <header className={style.bar}>
      <Button
        look="quiet"
        icon
        className={style.back}
        aria-label={t('action.back_to_list')}
        onClick={on_back}
      >
        <Icon name="back" />
      </Button>
      <div className={style.title}>
        <h1 title={detail.title || detail.preview}>{detail.title || detail.preview || detail.name}</h1>
        <div>
          {state && <b className={done ? style.done : ''}>{state}</b>}
          <span className="num">#{detail.number}</span> · {detail.name || detail.handle} · {where} · {who}
        </div>
      </div>
      <PromiseButton detail={detail} />
      <PresenceFaces case_id={detail.id} />
      <div className={style.verbs}>
        {can_act && (
          <>
            {!done && status !== 'found' && status !== 'watched' && (
              <>
                <Button className={style.wide} keys="a" onClick={() => open_picker('assign', [detail])}>
                  {t('action.assign')}
                </Button>
                <Button className={style.wide} keys="s" onClick={() => open_picker('snooze', [detail])}>
                  {t('action.snooze')}
                </Button>
              </>
            )}
            {status === 'found' && (
              <Button className={style.wide} keys="w" onClick={() => open_picker('watch', [detail])}>
                {t('action.watch')}
              </Button>
            )}
            {status === 'found' && (
              <Button className={style.wide} keys="d" onClick={() => open_picker('dismiss', [detail])}>
                {t('action.dismiss')}
              </Button>
            )}
            {status === 'found' || status === 'watched' ? (
              <Button look="primary" keys="o" onClick={() => act_with_undo(desk, [detail], { kind: 'open' })}>
                {t('action.respond')}
              </Button>
            ) : done ? (
              <Button keys="o" onClick={() => act_with_undo(desk, [detail], { kind: 'open' })}>
                {t('action.reopen')}
              </Button>
            ) : (
              <Button
                look="primary"
                keys="e"
                onClick={() => act_with_undo(desk, [detail], { kind: 'resolve' })}
              >
                {t('action.resolve')}
              </Button>
            )}
            <Menu
              align="end"
              trigger={
                <Button look="quiet" icon aria-label={t('action.more')}>
                  <Icon name="more" />
                </Button>
              }
            >
              <MenuItem on_select={() => open_picker('assign', [detail])} hint={<kbd>a</kbd>}>
                {t('action.assign')}
              </MenuItem>
              {detail.assignee_id !== me.id && (
                <MenuItem
                  on_select={() => act_with_undo(desk, [detail], { kind: 'assign', user_id: me.id })}
                  hint={<kbd>m</kbd>}
                >
                  {t('action.assign_me')}
                </MenuItem>
              )}
              <MenuItem on_select={() => open_picker('snooze', [detail])} hint={<kbd>s</kbd>}>
                {t('action.snooze')}
              </MenuItem>
              <MenuItem on_select={() => open_picker('tag', [detail])} hint={<kbd>t</kbd>}>
                {t('action.tag')}
              </MenuItem>
              <MenuItem on_select={() => open_team_dialog('macro', [detail])} hint={<kbd>c</kbd>}>
                {t('command.macro')}
              </MenuItem>
              <MenuItem on_select={() => open_team_dialog('hand_over', [detail])} hint={<kbd>h</kbd>}>
                {t('command.hand_over')}
              </MenuItem>
              <MenuItem on_select={() => open_team_dialog('escalate', [detail])} hint={<kbd>u</kbd>}>
                {t('command.escalate')}
              </MenuItem>
              <MenuItem on_select={() => run_command('follow')} hint={<kbd>i</kbd>}>
                {t('command.follow')}
              </MenuItem>
              <MenuItem on_select={() => open_picker('title', [detail])}>{t('action.rename')}</MenuItem>
              <MenuRule />
              {!done && (
                <MenuItem
                  on_select={() => act_with_undo(desk, [detail], { kind: 'resolve' })}
                  hint={<kbd>e</kbd>}
                >
                  {t('action.resolve')}
                </MenuItem>
              )}
              {!done && (
                <MenuItem on_select={() => open_picker('watch', [detail])} hint={<kbd>w</kbd>}>
                  {t('action.watch')}
                </MenuItem>
              )}
              {!done && (
                <MenuItem on_select={() => open_picker('opinion', [detail])} hint={<kbd>q</kbd>}>
                  {t('action.opinion')}
                </MenuItem>
              )}
              {!done && (
                <MenuItem on_select={() => open_picker('dismiss', [detail])} hint={<kbd>d</kbd>}>
                  {t('action.dismiss')}
                </MenuItem>
              )}
              {status !== 'open' && (
                <MenuItem
                  on_select={() => act_with_undo(desk, [detail], { kind: 'open' })}
                  hint={<kbd>o</kbd>}
                >
                  {t('action.reopen')}
                </MenuItem>
              )}
            </Menu>
          </>
        )}
        <Button
          look="quiet"
          icon
          aria-pressed={card_open}
          aria-label={t('command.person')}
          title={`${t('command.person')} (p)`}
          onClick={on_card}
        >
          <Icon name="person" />
        </Button>
      </div>
    </header>
  );
}

// What is left of the promise; says why when it is clicked.
function PromiseButton({ detail }: { detail: CaseDetail }) {
  const now = useNow();
  if (!detail.due_at || detail.status !== 'open')
    return detail.rank_at ? (
      <Button look="quiet" className={style.due} onClick={() => show_why(detail.id)}>
        {t('rank.why')}
      </Button>
    ) : null;
  const left = promised_row({ due_at: detail.due_at, promised_from: detail.promised_from }, now);
  return (
    <Button
      look="quiet"
      className={`num ${style.due} ${style[left.urgency]}`}
      title={[t('row.due_at', { time: absolute(detail.due_at) }), ...rank_lines(detail)].join('\n')}
      onClick={() => show_why(detail.id)}
    >
      <PromiseMark left={left} />
      {promise_words(left)}
    </Button>
  );
}
