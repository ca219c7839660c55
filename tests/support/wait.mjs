// Waiting for something to become true, without luck: asks again until it is, or fails saying what was last seen.

export async function until(what, look, { timeout_ms = 120_000, every_ms = 50 } = {}) {
  const end = Date.now() + timeout_ms;
  let last;
  for (;;) {
    try {
      last = await look();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      const seen = last instanceof Error ? last.message : JSON.stringify(last);
      throw new Error(`not within ${timeout_ms} ms: ${what} (last seen: ${seen})`);
    }
    await sleep(every_ms);
  }
}

export const sleep = (ms) =>
  new Promise((done) => {
    setTimeout(done, ms);
  });
