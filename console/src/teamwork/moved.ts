// Pure: a list with one entry moved, and the fewest places that must be written for it.
export interface Placed {
  id: string;
  place: number;
}
export function moved<T extends Placed>(
  list: readonly T[],
  from: number,
  to: number,
): { list: T[]; changed: T[] } | null {
  const one = list[from];
  if (!one || to < 0 || to >= list.length || from === to) return null;
  const order = list.toSpliced(from, 1).toSpliced(to, 0, one);
  // The places there are, each once, in the new order.
  let last = Number.NEGATIVE_INFINITY;
  const places = list.map(({ place }) => (last = Math.max(place, last + 1)));
  const next = order.map((item, at) => ({ ...item, place: places[at]! }));
  return { list: next, changed: next.filter((item, at) => item.place !== order[at]!.place) };
}
