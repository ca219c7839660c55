// The server's word for how an account is, as words; behind it what the network said, in the network's language.
import { t, t_or } from '../i18n/i18n';

export function status_detail(detail: string): string {
  const [, word, said] = /^([a-z_]+)(?:: (.*))?$/s.exec(detail) ?? [];
  const words = word ? t_or(`account.detail.${word}`, t_or(`error.${word}`, '')) : '';
  if (!words) return detail;
  return said
    ? t('account.detail', { words, said: word === 'calls_refused' ? hook_note(said) : said })
    : words;
}

// What a network's call was: "3 events", "wrong signature", or the network's own names of events.
export function hook_note(note: string): string {
  const [, count, more] = /^(\d+) events?(.*)$/s.exec(note) ?? [];
  if (count) return t('account.hook.note.events', { count: Number(count) }) + more;
  return t_or(`account.hook.note.${note.toLowerCase().replace(/[^a-z]+/g, '_')}`, note);
}
