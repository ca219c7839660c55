// One clock for the whole screen: ticks together, and only while somebody looks.
import { useSyncExternalStore } from 'react';

function ticker(every_ms: number) {
  let now = Date.now();
  let timer: number | undefined;
  const listeners = new Set<() => void>();
  const tick = () => {
    now = Date.now();
    for (const listener of listeners) listener();
  };
  return {
    subscribe(listener: () => void) {
      listeners.add(listener);
      if (timer === undefined) {
        now = Date.now();
        timer = window.setInterval(tick, every_ms);
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) {
          window.clearInterval(timer);
          timer = undefined;
        }
      };
    },
    read: () => now,
  };
}
const calm = ticker(10_000);
const quick = ticker(250);
export function useNow(): number {
  return useSyncExternalStore(calm.subscribe, calm.read);
}
export function useQuickNow(): number {
  return useSyncExternalStore(quick.subscribe, quick.read);
}
