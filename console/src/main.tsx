import './styles/base.css'; // first: what components say comes after it

import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { on_signed_out } from './api/client';
import { key } from './api/keys';
import { query_client } from './api/query_client';
import { App } from './app/app';
import { use_theme } from './app/theme';
import { guess_language, use_language } from './i18n/i18n';
import { listen_to_keys } from './keys/commands';

on_signed_out(() => void query_client.invalidateQueries({ queryKey: key.me }));
use_theme();
listen_to_keys();
const root = createRoot(document.getElementById('root')!);
void use_language(guess_language()).then(() =>
  root.render(
    <StrictMode>
      <QueryClientProvider client={query_client}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  ),
);
