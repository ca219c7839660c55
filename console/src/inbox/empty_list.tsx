// An empty view: what that means, and the one thing to do next.
import { useAccounts, useTopics } from '../api/queries';
import type { BuiltInView, Id, View } from '../api/types';
import { useDesk } from '../app/desk';
import { go, inbox_path, settings_path } from '../app/router';
import { t } from '../i18n/i18n';
import { State } from '../ui/state';

export function EmptyList({ view, topic }: { view: View; topic: Id | null }) {
  const { ws, can_administer } = useDesk();
  const accounts = useAccounts(ws).data;
  const topics = useTopics(ws).data;
  // Nothing can come in yet: that is the thing to say, whatever the view.
  if (accounts?.length === 0 && topics?.length === 0 && can_administer)
    return (
      <State
        art="ear"
        title={t('empty.begin.title')}
        text={t('empty.begin.text')}
        action={{ label: t('empty.begin.action'), run: () => go(`/w/${ws}/welcome`) }}
      />
    );
  if (topic)
    return (
      <State
        art="ear"
        title={t('empty.topic.title')}
        text={t('empty.topic.text')}
        action={{ label: t('empty.topic.action'), run: () => go(settings_path(ws, 'topics')) }}
      />
    );
  if (view.includes(':'))
    return <State art="ear" title={t('empty.saved.title')} text={t('empty.saved.text')} />;
  const target: BuiltInView = view === 'now' ? 'found' : 'now';
  return (
    <State
      art="ear"
      title={t(`empty.${view as BuiltInView}.title`)}
      text={t(`empty.${view as BuiltInView}.text`)}
      action={{
        label: t('action.show_view', { view: t(`view.${target}`) }),
        run: () => go(inbox_path(ws, target)),
      }}
    />
  );
}
