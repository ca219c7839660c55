// An in-memory server for developing the console without the real one: KIKI_MOCK=1. Not shipped.
// KIKI_MOCK_CASES=100000 makes a long list, KIKI_MOCK_EMPTY=1 an empty desk, KIKI_MOCK_QUIET=1 stops arrivals.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';
import { answer, hear_live, make_desk } from './mock_desk.ts';

type Next = () => void;

export function mockApi(): Plugin {
  const desk = make_desk();
  const handle = (request: IncomingMessage, response: ServerResponse, next: Next): void => {
    const url = new URL(request.url ?? '/', 'http://mock');
    // The same rules the real server sends, so that a forbidden inline style is noticed here.
    if (process.env.KIKI_MOCK === 'csp')
      response.setHeader(
        'Content-Security-Policy',
        "default-src 'self'; img-src 'self' https: data: blob:; style-src 'self'; connect-src 'self'",
      );
    if (!url.pathname.startsWith('/api/v1')) {
      next();
      return;
    }
    const path = url.pathname.slice('/api/v1'.length);
    if (path.endsWith('/live')) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.write(': hello\n\n');
      const stop = hear_live(desk, (event, data, id) => {
        response.write(`event: ${event}\n${id ? `id: ${id}\n` : ''}data: ${JSON.stringify(data)}\n\n`);
      });
      request.on('close', stop);
      return;
    }
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const bytes = Buffer.concat(parts);
      let body: unknown;
      try {
        body = JSON.parse(bytes.toString('utf8'));
      } catch {
        body = bytes;
      }
      const { status, value, type } = answer(
        desk,
        request.method ?? 'GET',
        path,
        url.searchParams,
        body as Record<string, unknown>,
        request.headers['content-type'] ?? '',
      );
      response.statusCode = status;
      if (Buffer.isBuffer(value)) {
        response.setHeader('Content-Type', type ?? 'application/octet-stream');
        response.end(value);
        return;
      }
      response.setHeader('Content-Type', status >= 400 ? 'application/problem+json' : 'application/json');
      response.end(value === undefined ? '' : JSON.stringify(value));
    });
  };
  return {
    name: 'kikimimi-mock',
    configureServer: (server) => void server.middlewares.use(handle),
    configurePreviewServer: (server) => void server.middlewares.use(handle),
  };
}
