// What went wrong, in the person's language where we know the server's code, otherwise in the server's words.
import { t, t_or } from '../i18n/i18n';
import { ApiError, OfflineError } from './client';

export function words_of(error: unknown): string {
  if (error instanceof OfflineError) return t('state.offline.text');
  if (error instanceof ApiError && error.status === 429 && !error.code) return t('error.rate_limited');
  if (error instanceof ApiError && error.code) return t_or(`error.${error.code}`, error.message);
  return error instanceof Error ? error.message : '';
}
