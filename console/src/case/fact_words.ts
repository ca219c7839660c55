// What happened to the case, in one line. Data from the event log is read carefully: a missing part makes a shorter
// sentence, never a broken one.
import type { CaseStatus, FactItem, Member, Rule, Team } from '../api/types';
import { t, t_or } from '../i18n/i18n';
import { reason_words } from '../i18n/reason_words';
import { absolute } from '../i18n/time_words';

const statuses: CaseStatus[] = ['found', 'open', 'waiting', 'snoozed', 'watched', 'resolved', 'dismissed'];
const list = (value: unknown): string =>
  Array.isArray(value) ? value.map(text).filter(Boolean).join(t('list.comma')) : '';
const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

interface Known {
  members: readonly Member[];
  teams?: readonly Team[];
  rules?: readonly Rule[];
}
export function fact_words(item: FactItem, { members, teams = [], rules = [] }: Known): string {
  const { data } = item;
  const rule = /^rule:(\d+)$/.exec(text(data.by))?.[1];
  const rule_name = rules.find((one) => one.id === rule)?.name;
  const name = item.actor?.name
    ? t('fact.person', { name: item.actor.name })
    : rule
      ? rule_name
        ? t('fact.rule.named', { rule: rule_name })
        : t('fact.rule')
      : t('fact.desk');
  const person = (id: string): string => {
    const known = text(data.name) || members.find((member) => member.user_id === id)?.name;
    return known ? t('fact.person', { name: known }) : '';
  };
  if (data.undone) return t('fact.undone', { name });
  switch (item.kind) {
    case 'case.opened':
      return t(data.origin === 'found' ? 'fact.opened.found' : 'fact.opened');
    case 'case.reopened':
      return item.actor ? t('fact.reopened.by', { name }) : t('fact.reopened');
    case 'case.woken':
      return t(data.by === 'post' ? 'fact.woken.post' : 'fact.woken');
    case 'case.assigned': {
      const to = text(data.to);
      if (!to || to === '0') return t('fact.unassigned', { name });
      if (to === item.actor?.user_id) return t('fact.took', { name });
      return t('fact.assigned', { name, to: person(to) || '…' });
    }
    case 'case.tagged': {
      if (data.title) return t('fact.renamed', { name });
      const tags = list(data.added);
      return tags ? t('fact.tagged', { name, tags }) : t('fact.untagged', { name, tags: list(data.removed) });
    }
    case 'case.status': {
      const status = statuses.find((one) => one === data.to);
      if (!status) return t('fact.changed', { name });
      const reason = reason_words(text(data.reason));
      const until = text(data.until);
      if (data.addressed) return t('fact.addressed');
      if (status === 'open' && data.from !== 'found') return t('fact.reopened.by', { name });
      if (status === 'dismissed' && reason) return t('fact.status.dismissed.why', { name, reason });
      if (status === 'watched' && reason) return t('fact.status.watched.why', { name, reason });
      if (status === 'snoozed' && until)
        return t('fact.status.snoozed.until', { name, time: absolute(until) });
      return t(`fact.status.${status}`, { name });
    }
    case 'approval.state': {
      const note = text(data.note);
      if (data.state === 'waiting') return t('fact.approval.waiting', { name });
      if (data.state === 'returned') return t('fact.approval.returned', { name, note });
      if (data.state === 'withdrawn') return t('fact.approval.withdrawn', { name });
      return t(data.edited ? 'fact.approval.edited' : 'fact.approval.approved', { name });
    }
    case 'case.opinion': {
      const note = text(data.note);
      if (data.answer)
        return t_or(`fact.opinion.${text(data.answer)}`, t('fact.opinion.other', { name }), { name });
      return note ? t('fact.opinion.asked.note', { name, note }) : t('fact.opinion.asked', { name });
    }
    case 'case.team': {
      const to = teams.find((team) => team.id === text(data.to))?.name;
      return text(data.to) ? t('fact.team', { name, team: to ?? '…' }) : t('fact.no_team', { name });
    }
    case 'escalation.state': {
      const team = text(data.team);
      if (data.state === 'done') return t('fact.escalation.done', { team });
      if (data.state === 'withdrawn') return t('fact.escalation.withdrawn', { name, team });
      const status = text(data.tracker_status);
      return status
        ? t('fact.escalation.tracker', { team, status })
        : t('fact.escalation.open', { name, team });
    }
    case 'reward.given':
      return t('fact.reward.given', { name, list: text(data.list) });
    case 'reward.returned':
      return t('fact.reward.returned', { list: text(data.list) });
    case 'reply.settled':
      return t(data.arrived ? 'fact.reply.arrived' : 'fact.reply.again', { name });
    case 'reply.copy_failed':
      return t('fact.reply.copy_failed', { why: text(data.detail) });
    case 'private.came':
      return t('fact.private.came');
    case 'private.offered':
      return t('fact.private.offered', { name, time: text(data.until) ? absolute(text(data.until)) : '' });
    case 'private.withdrawn':
      return t('fact.private.withdrawn', { name });
    case 'private.refused':
      return data.case_id
        ? t_or(`fact.private.refused.here.${text(data.why)}`, t('fact.private.refused.here'))
        : t_or(`fact.private.refused.${text(data.why)}`, t('fact.private.refused'));
    case 'chat.mailed':
      return t('fact.chat.mailed', { to: text(data.to) });
    case 'chat.mail_failed':
      return t('fact.chat.mail_failed', { to: text(data.to) });
    case 'case.priority':
      return t('fact.priority', { name, priority: t_or(`priority.${text(data.to)}`, text(data.to)) });
    case 'promise.warned':
    case 'promise.broken':
      return t(item.kind === 'promise.warned' ? 'fact.promise.warned' : 'fact.promise.broken', {
        what: t_or(`promise.kind.${text(data.promise)}`, t('promise.kind.next_reply')),
        due: text(data.due_at) ? absolute(text(data.due_at)) : '',
      });
    default:
      return t_or(`fact.${item.kind}`, t('fact.changed', { name }), { name });
  }
}
