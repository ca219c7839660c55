// Which opening hours count.
import { useBook } from '../api/queries';
import { useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { Choice } from '../ui/field';

interface Props {
  value: string;
  on_change: (key: string) => void;
  of_page?: boolean; // of a page that names several accounts
}
export function HoursChoice({ value, on_change, of_page }: Props) {
  const { ws } = useDesk();
  const calendars = useBook(ws).data?.calendars ?? [];
  return (
    <Choice
      label={t('chat.hours')}
      hint={t(of_page ? 'reach.hours.hint' : 'chat.hours.hint')}
      value={value}
      onChange={(event) => on_change(event.target.value)}
    >
      <option value="">{t(of_page ? 'reach.hours.promised' : 'chat.hours.promised')}</option>
      {calendars.map((one) => (
        <option key={one.key} value={one.key}>
          {one.name || t(one.always_open ? 'promise.always_open' : 'promise.hours')}
        </option>
      ))}
    </Choice>
  );
}
