// Alarms of topics, newest first: what rose, how far, and how long it lasted.
import { useState } from 'react';
import { useAlarms } from '../api/queries';
import type { Alarm, Id } from '../api/types';
import { at_least, useDesk } from '../app/desk';
import { t } from '../i18n/i18n';
import { absolute } from '../i18n/time_words';
import style from '../settings/settings.module.css';
import { Button } from '../ui/button';
import { Failed, Loading } from '../ui/state';
import { AlarmRulesDialog } from './alarm_rules_dialog';
import { Severity } from './severity';

const sentence = (alarm: Alarm) =>
  t(`notice.rise_${alarm.rule}.text`, { posts: alarm.posts, minutes: alarm.minutes, usual: alarm.usual });

export function AlarmList({ topic }: { topic?: Id }) {
  const { ws } = useDesk();
  const alarms = useAlarms(ws);
  if (alarms.isPending) return <Loading rows={2} />;
  if (alarms.error) return <Failed error={alarms.error} retry={() => void alarms.refetch()} />;
  const shown = topic ? alarms.data.filter((alarm) => alarm.topic_id === topic) : alarms.data;
  if (shown.length === 0) return <p className={style.about}>{t('alarms.none')}</p>;
  return (
    <div className={style.scroll}>
      <table className={style.table}>
        <tbody>
          {shown.map((alarm) => (
            <tr key={alarm.id}>
              {!topic && <td>{alarm.topic_name}</td>}
              <td>
                {sentence(alarm)}
                <Severity of={alarm.severity} />
              </td>
              <td className="num">
                {alarm.ended_at
                  ? t('alarms.lasted', { from: absolute(alarm.started_at), to: absolute(alarm.ended_at) })
                  : t('alarms.lasting', { time: absolute(alarm.started_at) })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// On a topic's own page: its alarms, and what raises one.
export function TopicAlarms({ topic, name }: { topic: Id; name: string }) {
  const { role } = useDesk();
  const [editing, set_editing] = useState(false);
  return (
    <>
      <AlarmList topic={topic} />
      {at_least(role, 'lead') && (
        <div className={style.verbs}>
          <Button onClick={() => set_editing(true)}>{t('alarms.rules')}</Button>
        </div>
      )}
      {editing && <AlarmRulesDialog topic={topic} name={name} on_close={() => set_editing(false)} />}
    </>
  );
}
