// Weekdays in the reader's words; 0 is Sunday, as in the API. Weeks are shown from Monday.
import { current_language } from '../i18n/i18n';

export const weekday_order = [1, 2, 3, 4, 5, 6, 0] as const;
export function weekday_name(day: number): string {
  return new Intl.DateTimeFormat(current_language(), { weekday: 'short', timeZone: 'UTC' }).format(
    Date.UTC(2023, 0, 1 + day),
  );
}
