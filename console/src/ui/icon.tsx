// The few line icons of the console, drawn on a 16 px grid.
const paths = {
  back: 'M10 3 5 8l5 5',
  close: 'm4 4 8 8m0-8-8 8',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  heart: 'M8 13.3S2.4 10 2.4 6.2a2.9 2.9 0 0 1 5.6-1 2.9 2.9 0 0 1 5.6 1C13.6 10 8 13.3 8 13.3Z',
  repost: 'm3 6 2-2.2L7 6M5 4v5.5A1.5 1.5 0 0 0 6.5 11H9m4-1-2 2.2L9 10m2 2V6.5A1.5 1.5 0 0 0 9.5 5H7',
  hide: 'M2 8s2.2-4 6-4 6 4 6 4-2.2 4-6 4-6-4-6-4Zm6 1.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6ZM3 13 13 3',
  trash: 'M3 4.5h10M6.5 4V2.8h3V4M4.5 4.5l.6 8.7h5.8l.6-8.7',
  open: 'M9 3h4v4m0-4L7.5 8.5M12 9.5V13H3V4h3.5',
  image: 'M2.5 3h11v10h-11zM2.5 11l3.4-3.4 2.6 2.6 2-2 3 3M10.2 6h.01',
  person: 'M8 8.2a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2Zm-5 5.3c.5-2.3 2.5-3.6 5-3.6s4.5 1.3 5 3.6',
  menu: 'M2.5 4.5h11m-11 3.5h11m-11 3.5h11',
  plus: 'M8 3v10M3 8h10',
  check: 'm3 8.5 3.2 3L13 4.5',
  down: 'm4 6 4 4 4-4',
  refresh: 'M13 8a5 5 0 1 1-1.5-3.6M13 2.5V5h-2.5',
  second: 'M6 7.4a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Zm-4 5.4c.4-2 2-3 4-3s3.6 1 4 3M12 4v4m-2-2h4',
  bell: 'M3.5 11.5h9M4.5 11.5V7.2a3.5 3.5 0 0 1 7 0v4.3M6.8 13.6a1.3 1.3 0 0 0 2.4 0',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm3.3-1.2L14 14',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  lock: 'M4 7.5h8v6H4zM5.5 7.5V5.2a2.5 2.5 0 0 1 5 0v2.3',
  gift: 'M2.8 6h10.4v2.6H2.8zM3.8 8.6v4.9h8.4V8.6M8 6v7.5M8 6S7.4 3 5.6 3 4.2 6 8 6Zm0 0s.6-3 2.4-3S11.8 6 8 6Z',
  book: 'M3 3.2h4.2c.5 0 .8.3.8.8v9c0-.5-.3-.8-.8-.8H3zM13 3.2H8.8c-.5 0-.8.3-.8.8v9c0-.5.3-.8.8-.8H13z',
  circle: 'M8 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z',
  retry: 'M3 8a5 5 0 1 0 1.5-3.6M3 2.5V5h2.5',
} as const;
export type IconName = keyof typeof paths;

export function Icon({ name, size = 16, filled }: { name: IconName; size?: number; filled?: boolean }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill={filled ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth={name === 'more' ? 2 : 1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}
