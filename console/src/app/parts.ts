// The parts of the console that are fetched when they are first wanted; and soon after the start in any case, so that
// they are there when the connection is not, or when the server has a newer console.
import { lazy } from 'react';

const load = {
  settings: () => import('../settings/settings_screen'),
  approvals: () => import('../approvals/approvals_screen'),
  notices: () => import('../notices/notices_screen'),
  search: () => import('../search/search_screen'),
  commands: () => import('../search/command_bar'),
  help: () => import('../keys/help'),
  topic: () => import('../topics/topic_screen'),
  team_dialog: () => import('../teamwork/team_dialog'),
  person: () => import('../person/person_card'),
};
export const Settings = lazy(load.settings);
export const Approvals = lazy(load.approvals);
export const NoticesScreen = lazy(load.notices);
export const SearchScreen = lazy(load.search);
export const CommandBar = lazy(load.commands);
export const Help = lazy(load.help);
export const TopicScreen = lazy(load.topic);
export const TeamDialog = lazy(load.team_dialog);
export const PersonCard = lazy(load.person);

const after_ms = 3_000;
const others = [
  () => import('../topics/why'),
  () => import('../case/safe_markup'),
  () => import('../first_run/welcome'),
];
// One after the other, behind whatever the person is doing.
export function fetch_parts(): () => void {
  const timer = window.setTimeout(async () => {
    for (const one of [...Object.values(load), ...others]) await one().catch(() => undefined);
  }, after_ms);
  return () => window.clearTimeout(timer);
}
