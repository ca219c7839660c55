// "How to reach us": which ways are named, the hours, and the page and the piece to take along.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, put } from '../api/client';
import { key, ws_path } from '../api/keys';
import { useAccounts } from '../api/queries';
import { useDesk } from '../app/desk';
import { HoursChoice } from '../chat/hours_choice';
import type { OwnWay, Reach, ReachSettings } from '../chat/types';
import { network_name, t } from '../i18n/i18n';
import { at_sign } from '../inbox/row';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { CopyField } from '../ui/copy_field';
import { Check, Field } from '../ui/field';
import { Failed, Loading } from '../ui/state';
import style from './chat.module.css';
import replies from './replies.module.css';
import { BrandWords, SaveForm } from './save_form';
import settings from './settings.module.css';
import { useChange } from './use_change';

export function ReachPage() {
  const { ws, can_administer } = useDesk();
  const query = useQuery({
    queryKey: key.part(ws, 'reach'),
    queryFn: () => call<Reach>(ws_path(ws, '/reach')),
  });
  return (
    <>
      <div className={settings.title}>
        <h2>{t('settings.reach')}</h2>
      </div>
      <p className={settings.about}>{t(can_administer ? 'reach.about' : 'settings.read_only')}</p>
      {query.error ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : !query.data ? (
        <Loading rows={6} />
      ) : (
        <>
          <ReachForm reach={query.data} may={can_administer} />
          {query.data.key && query.data.enabled && (
            <>
              <h3 className={settings.sub}>{t('reach.take')}</h3>
              <CopyField label={t('reach.page')} value={query.data.page_url} />
              <CopyField label={t('chat.snippet.line')} value={query.data.snippet} />
              <h3 className={settings.sub}>{t('chat.preview')}</h3>
              <iframe
                key={query.dataUpdatedAt}
                className={style.preview}
                title={t('chat.preview')}
                src={`/reach/${query.data.key}`}
              />
            </>
          )}
        </>
      )}
    </>
  );
}

function ReachForm({ reach, may }: { reach: Reach; may: boolean }) {
  const { ws } = useDesk();
  const { change, busy } = useChange('reach');
  const accounts = (useAccounts(ws).data ?? []).filter((one) => one.kind === 'account');
  const { key: _key, page_url: _page, snippet: _snippet, ...stored } = reach;
  const [now, set_now] = useState<ReachSettings>(stored);
  const set = (part: Partial<ReachSettings>): void => set_now({ ...now, ...part });
  const save = () => change(() => put<Reach>(ws_path(ws, '/reach'), now), true);
  const set_way = (place: number, part: Partial<OwnWay>): void =>
    set({ ways: now.ways.map((way, other) => (other === place ? { ...way, ...part } : way)) });
  return (
    <SaveForm may={may} busy={busy} save={save}>
      <div className={replies.checks}>
        <Check
          label={t('reach.enabled')}
          checked={now.enabled}
          onChange={(event) => set({ enabled: event.target.checked })}
        />
      </div>
      <HoursChoice of_page value={now.calendar} on_change={(calendar) => set({ calendar })} />
      <ChipsInput
        label={t('chat.origins')}
        hint={t('chat.origins.hint')}
        placeholder="https://shop.example"
        values={now.origins}
        on_change={(origins) => set({ origins })}
      />
      <h3 className={settings.sub}>{t('reach.accounts')}</h3>
      {accounts.map((account) => {
        const shown = now.accounts.find((one) => one.account_id === account.id);
        const others = now.accounts.filter((one) => one.account_id !== account.id);
        const name = `${network_name(account.network)} ${at_sign(account.handle || account.name)}`;
        return (
          <div key={account.id} className={style.way}>
            <Check
              label={name}
              checked={shown !== undefined}
              onChange={(event) =>
                set({
                  accounts: event.target.checked ? [...others, { account_id: account.id, url: '' }] : others,
                })
              }
            />
            {shown && (
              <Field
                type="url"
                label={t('reach.url')}
                value={shown.url}
                placeholder="https://"
                onChange={(event) =>
                  set({
                    accounts: now.accounts.map((one) =>
                      one === shown ? { ...one, url: event.target.value } : one,
                    ),
                  })
                }
              />
            )}
          </div>
        );
      })}
      <h3 className={settings.sub}>{t('reach.ways')}</h3>
      {now.ways.map((way, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a way has no other name than its place
        <div key={place} className={style.way}>
          <Field
            label={t('reach.way.ja')}
            value={way.name_ja}
            onChange={(event) => set_way(place, { name_ja: event.target.value })}
          />
          <Field
            label={t('reach.way.en')}
            value={way.name_en}
            onChange={(event) => set_way(place, { name_en: event.target.value })}
          />
          <Field
            label={t('reach.way.value')}
            value={way.value}
            onChange={(event) => set_way(place, { value: event.target.value })}
          />
          <Field
            label={t('reach.way.url')}
            value={way.url}
            placeholder="tel:+81…"
            onChange={(event) => set_way(place, { url: event.target.value })}
          />
          <Button look="quiet" onClick={() => set({ ways: now.ways.filter((_, other) => other !== place) })}>
            {t('reach.way.remove')}
          </Button>
        </div>
      ))}
      <Button onClick={() => set({ ways: [...now.ways, { name_ja: '', name_en: '', value: '', url: '' }] })}>
        {t('reach.way.add')}
      </Button>
      {(['ja', 'en'] as const).map((lang) => (
        <BrandWords
          key={lang}
          lang={lang}
          texts={now[lang]}
          long={{ about: t('reach.text.about') }}
          on_change={(texts) => set({ [lang]: texts })}
        />
      ))}
    </SaveForm>
  );
}
