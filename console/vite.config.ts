// Build and development server. KIKI_MOCK=1 serves the in-memory API of dev/; otherwise /api goes to KIKI_SERVER.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { mockApi } from './dev/mock_api.ts';

export default defineConfig({
  plugins: [react(), ...(process.env.KIKI_MOCK ? [mockApi()] : [])],
  server: {
    fs: { allow: ['..'] },
    proxy: process.env.KIKI_MOCK ? {} : { '/api': process.env.KIKI_SERVER ?? 'http://127.0.0.1:8080' },
  },
  build: { target: 'es2022', assetsInlineLimit: 0, cssCodeSplit: true, reportCompressedSize: false },
});
