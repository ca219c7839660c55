// The web chat: where it may stand, what it says and how it looks, the line to copy, and how it looks now.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, post, put } from '../api/client';
import { key, ws_path } from '../api/keys';
import { useAccounts } from '../api/queries';
import type { Account } from '../api/types';
import { useDesk } from '../app/desk';
import { go, settings_path } from '../app/router';
import { HoursChoice } from '../chat/hours_choice';
import type { ChatSettings, ChatSetup } from '../chat/types';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { CopyField } from '../ui/copy_field';
import { Choice, Field } from '../ui/field';
import { Failed, Loading, State } from '../ui/state';
import style from './chat.module.css';
import { OnceSecrets } from './once_secrets';
import { BrandWords, SaveForm } from './save_form';
import settings from './settings.module.css';
import { useChange } from './use_change';

export function Chat() {
  const { ws, can_administer } = useDesk();
  const accounts = useAccounts(ws);
  const chats = (accounts.data ?? []).filter((one) => one.network === 'chat');
  const [chosen, set_chosen] = useState('');
  const account = chats.find((one) => one.id === chosen) ?? chats[0];
  return (
    <>
      <div className={settings.title}>
        <h2>{t('settings.chat')}</h2>
      </div>
      <p className={settings.about}>{t(can_administer ? 'chat.about' : 'settings.read_only')}</p>
      {accounts.error ? (
        <Failed error={accounts.error} retry={() => void accounts.refetch()} />
      ) : !accounts.data ? (
        <Loading rows={5} />
      ) : !account ? (
        <State
          title={t('chat.none.title')}
          text={t('chat.none.text')}
          {...(can_administer
            ? { action: { label: t('accounts.connect'), run: () => go(settings_path(ws, 'accounts')) } }
            : {})}
        />
      ) : (
        <>
          {chats.length > 1 && (
            <Choice
              label={t('chat.which')}
              value={account.id}
              onChange={(event) => set_chosen(event.target.value)}
            >
              {chats.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </Choice>
          )}
          <OneChat key={account.id} account={account} />
        </>
      )}
    </>
  );
}

function OneChat({ account }: { account: Account }) {
  const { ws, can_administer } = useDesk();
  const query = useQuery({
    queryKey: [...key.part(ws, 'chat'), account.id],
    queryFn: () => call<ChatSetup>(ws_path(ws, `/accounts/${account.id}/chat`)),
  });
  if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Loading rows={6} />;
  const setup = query.data;
  return (
    <>
      {!setup.mail_works && <p className={settings.about}>{t('chat.no_mail')}</p>}
      <ChatForm account={account} setup={setup} may={can_administer} />
      <h3 className={settings.sub}>{t('chat.snippet')}</h3>
      <p className={settings.about}>{t('chat.snippet.about')}</p>
      <CopyField label={t('chat.snippet.line')} value={setup.snippet} />
      <CopyField label={t('chat.page')} value={setup.page_url} />
      {can_administer && <Identity account={account} />}
      <h3 className={settings.sub}>{t('chat.preview')}</h3>
      <p className={settings.about}>{t('chat.preview.about')}</p>
      <iframe
        key={query.dataUpdatedAt}
        className={style.preview}
        title={t('chat.preview')}
        src={`/chat/${setup.key}`}
      />
    </>
  );
}

function ChatForm({ account, setup, may }: { account: Account; setup: ChatSetup; may: boolean }) {
  const { ws } = useDesk();
  const { change, busy } = useChange('chat', 'accounts');
  const [now, set_now] = useState<ChatSettings>(setup.settings);
  const set = (part: Partial<ChatSettings>): void => set_now({ ...now, ...part });
  const save = () => change(() => put<ChatSetup>(ws_path(ws, `/accounts/${account.id}/chat`), now), true);
  const long = { greeting: t('chat.text.greeting'), away: t('chat.text.away') };
  return (
    <SaveForm may={may} busy={busy} save={save}>
      <ChipsInput
        label={t('chat.origins')}
        hint={t('chat.origins.hint')}
        placeholder="https://shop.example"
        values={now.origins}
        on_change={(origins) => set({ origins })}
      />
      <Field
        type="url"
        label={t('chat.place')}
        hint={t('chat.place.hint')}
        value={now.place_url}
        onChange={(event) => set({ place_url: event.target.value })}
      />
      <HoursChoice value={now.calendar} on_change={(calendar) => set({ calendar })} />
      <div className={style.pair}>
        <Field
          type="color"
          label={t('chat.color')}
          value={now.color}
          onChange={(event) => set({ color: event.target.value })}
        />
        <Choice
          label={t('chat.side')}
          value={now.side}
          onChange={(event) => set({ side: event.target.value === 'left' ? 'left' : 'right' })}
        >
          <option value="right">{t('chat.side.right')}</option>
          <option value="left">{t('chat.side.left')}</option>
        </Choice>
      </div>
      <div className={style.pair}>
        <Field
          type="number"
          label={t('chat.keep_days')}
          hint={t('chat.keep_days.hint')}
          min={1}
          max={3650}
          required
          value={now.keep_days}
          onChange={(event) => set({ keep_days: event.target.valueAsNumber || 0 })}
        />
      </div>
      <BrandWords lang="ja" texts={now.ja} long={long} on_change={(ja) => set({ ja })} />
      <BrandWords lang="en" texts={now.en} long={long} on_change={(en) => set({ en })} />
    </SaveForm>
  );
}

function Identity({ account }: { account: Account }) {
  const { ws } = useDesk();
  const { change, busy } = useChange();
  const [secret, set_secret] = useState('');
  const make = (): void => {
    void change(() => post<{ secret: string }>(ws_path(ws, `/accounts/${account.id}/chat/secret`))).then(
      (made) => made && set_secret(made.secret),
    );
  };
  return (
    <>
      <h3 className={settings.sub}>{t('chat.identity')}</h3>
      <p className={settings.about}>{t('chat.identity.about')}</p>
      {secret ? (
        <OnceSecrets secrets={[[t('accounts.signing_secret'), secret]]} on_close={() => set_secret('')} />
      ) : (
        <Button disabled={busy} onClick={make}>
          {t('chat.identity.make')}
        </Button>
      )}
    </>
  );
}
