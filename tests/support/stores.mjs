// The same journey on both stores: SQLite inside, and a PostgreSQL server of our own.
import { after, describe } from 'node:test';
import { Postgres } from './postgres.mjs';

let server = null;
let databases = 0;

// body(settings): settings() gives the program's settings for a store of its own.
export function each_store(body) {
  describe('on SQLite', () => body(async () => ({})));
  describe('on PostgreSQL', () => {
    body(async () => {
      server ??= await Postgres.start();
      databases += 1;
      return { 'store.url': server.database(`desk${databases}`) };
    });
    // Hooks run in the order they are given: the desk has stopped by then.
    after(async () => {
      await server?.stop();
      server = null;
    });
  });
}
