// A dismiss reason in words: the ones every desk begins with have names, the desk's own stand for themselves.
import { t_or } from './i18n';

export const reason_words = (reason: string): string => t_or(`dismiss.${reason}`, reason);
