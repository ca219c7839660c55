// The web chat: where it may stand, what it says and how it looks, the line to copy, and how it looks now.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, post, put } from '../api/client';
import { key, ws_path } from '../api/keys';
import { useAccounts } from '../api/queries';
import type { Account } from '../api/types';
import { words_of } from '../api/words_of';
import { useDesk } from '../app/desk';
import { go, settings_path } from '../app/router';
import { HoursChoice } from '../chat/hours_choice';
import type { ChatSettings, ChatSetup, ChatTexts } from '../chat/types';
import { t } from '../i18n/i18n';
import { Button } from '../ui/button';
import { ChipsInput } from '../ui/chips_input';
import { CopyField } from '../ui/copy_field';
import { Choice, Field } from '../ui/field';
import { Failed, Loading, State } from '../ui/state';
import { show_toast } from '../ui/toast_store';
import style from './chat.module.css';
import { OnceSecrets } from './once_secrets';
import replies from './replies.module.css';
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
  const [error, set_error] = useState('');
  const set = (part: Partial<ChatSettings>): void => set_now({ ...now, ...part });
  const save = async (): Promise<void> => {
    set_error('');
    try {
      await change(() => put<ChatSetup>(ws_path(ws, `/accounts/${account.id}/chat`), now), true);
      show_toast({ text: 'toast.saved', tone: 'plain' }, 3_000);
    } catch (reason) {
      set_error(words_of(reason));
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <fieldset disabled={!may}>
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
        <TextFields heading={t('chat.texts.ja')} texts={now.ja} on_change={(ja) => set({ ja })} lang="ja" />
        <TextFields heading={t('chat.texts.en')} texts={now.en} on_change={(en) => set({ en })} lang="en" />
      </fieldset>
      {error && (
        <p className={style.error} role="alert">
          {error}
        </p>
      )}
      {may && (
        <div className={settings.row}>
          <Button type="submit" look="primary" disabled={busy}>
            {t('action.save')}
          </Button>
        </div>
      )}
    </form>
  );
}

function TextFields({
  heading,
  texts,
  on_change,
  lang,
}: {
  heading: string;
  texts: ChatTexts;
  on_change: (texts: ChatTexts) => void;
  lang: string;
}) {
  return (
    <fieldset className={style.texts} lang={lang}>
      <legend>{heading}</legend>
      <Field
        label={t('chat.text.title')}
        maxLength={100}
        value={texts.title ?? ''}
        onChange={(event) => on_change({ ...texts, title: event.target.value })}
      />
      <label className={replies.area}>
        <span>{t('chat.text.greeting')}</span>
        <textarea
          maxLength={600}
          value={texts.greeting ?? ''}
          onChange={(event) => on_change({ ...texts, greeting: event.target.value })}
        />
      </label>
      <label className={replies.area}>
        <span>{t('chat.text.away')}</span>
        <textarea
          maxLength={600}
          value={texts.away ?? ''}
          onChange={(event) => on_change({ ...texts, away: event.target.value })}
        />
      </label>
    </fieldset>
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
