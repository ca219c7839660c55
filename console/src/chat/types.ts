// Shapes of the web chat's settings; src/api/openapi.json describes them.
import type { Id } from '../api/types';

export interface ChatTexts {
  title?: string;
  greeting?: string;
  away?: string;
}
export interface ChatSettings {
  origins: string[];
  place_url: string;
  calendar: string;
  color: string;
  side: 'left' | 'right';
  ja: ChatTexts;
  en: ChatTexts;
  keep_days: number;
}
export interface ChatSetup {
  settings: ChatSettings;
  key: string;
  page_url: string;
  snippet: string;
  mail_works: boolean;
}
export interface OwnWay {
  name_ja: string;
  name_en: string;
  value: string;
  url: string;
}
export interface ReachSettings {
  enabled: boolean;
  origins: string[];
  calendar: string;
  ja: { title?: string; about?: string };
  en: { title?: string; about?: string };
  accounts: { account_id: Id; url: string }[];
  ways: OwnWay[];
}
export interface Reach extends ReachSettings {
  key: string;
  page_url: string;
  snippet: string;
}
export interface ChatVisitor {
  here: boolean;
  email: string;
  proven: boolean;
  page: string;
}
export interface VisitorNews {
  case_id: Id;
  here: boolean;
  writing: boolean;
}
