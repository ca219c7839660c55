// A free port on loopback, for programs that must come back on the same one after a restart.
import { createServer } from 'node:net';

export function free_port() {
  return new Promise((found, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}
