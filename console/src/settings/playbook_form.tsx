// When the composer offers to go on in private, and where its links lead.
import { useState } from 'react';
import { patch } from '../api/client';
import { ws_path } from '../api/keys';
import { useAccounts } from '../api/queries';
import type { Playbook, ReplyRules } from '../api/types';
import { useDesk } from '../app/desk';
import { network_name, t } from '../i18n/i18n';
import { at_sign } from '../inbox/row';
import { Button } from '../ui/button';
import { Check, Choice, Field } from '../ui/field';
import { show_toast } from '../ui/toast_store';
import style from './replies.module.css';
import settings from './settings.module.css';
import { useChange } from './use_change';

export function PlaybookForm({ rules, may }: { rules: ReplyRules; may: boolean }) {
  const { ws } = useDesk();
  const { change, busy } = useChange('reply_rules');
  const [now, set_now] = useState(rules.playbook);
  const set = (part: Partial<Playbook>): void => set_now({ ...now, ...part });
  const places = (useAccounts(ws).data ?? []).filter(
    (one) =>
      one.kind === 'account' &&
      one.capabilities.private_link &&
      (one.network !== 'open' || one.settings.private_url),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void change(() => patch<ReplyRules>(ws_path(ws, '/reply-rules'), { playbook: now })).then(
          (saved) => saved && show_toast({ text: 'toast.saved', tone: 'plain' }, 3_000),
        );
      }}
    >
      <fieldset disabled={!may}>
        <h3 className={settings.sub}>{t('playbook.title')}</h3>
        <p className={settings.about}>{t(places.length > 0 ? 'playbook.about' : 'playbook.no_place')}</p>
        <div className={style.checks}>
          <Check
            label={t('playbook.personal_data')}
            checked={now.personal_data}
            onChange={(event) => set({ personal_data: event.target.checked })}
          />
          <Check
            label={t('playbook.order_complaint')}
            checked={now.order_complaint}
            onChange={(event) => set({ order_complaint: event.target.checked })}
          />
        </div>
        <div className={settings.two}>
          <Field
            type="number"
            min={0}
            max={50}
            label={t('playbook.exchanges')}
            value={now.exchanges}
            onChange={(event) => set({ exchanges: Number(event.target.value) })}
          />
          <Field
            type="number"
            min={1}
            max={2160}
            label={t('playbook.link_hours')}
            value={now.link_hours}
            onChange={(event) => set({ link_hours: Number(event.target.value) })}
          />
        </div>
        {places.length > 0 && (
          <Choice
            label={t('playbook.place')}
            value={now.private_account_id}
            onChange={(event) => set({ private_account_id: event.target.value })}
          >
            <option value="">{t('playbook.place.first')}</option>
            {places.map((one) => (
              <option key={one.id} value={one.id}>
                {network_name(one.network)} {at_sign(one.handle || one.name)}
              </option>
            ))}
          </Choice>
        )}
        {may && (
          <Button type="submit" look="primary" disabled={busy}>
            {t('playbook.save')}
          </Button>
        )}
      </fieldset>
    </form>
  );
}
