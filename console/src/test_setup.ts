// The little of a browser that modules touch when they are loaded; the tests themselves are about pure functions.
const kept = new Map<string, string>();
Object.assign(globalThis, {
  window: Object.assign(new EventTarget(), { setTimeout, clearTimeout, setInterval, clearInterval }),
  localStorage: {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  },
});
