// Did a colleague answer behind what was seen? Ids grow with time.
import type { Id, PostItem, TimelineItem } from '../api/types';

// Ids are numbers too large for a number.
export const newer = (a: Id, b: Id): boolean => a.length > b.length || (a.length === b.length && a > b);

// What the server knows, without what is only shown here yet.
export const posts_in = (items: TimelineItem[]): PostItem[] =>
  items.filter((item): item is PostItem => item.type === 'post' && /^\d+$/.test(item.id));
export const newest_of = (posts: PostItem[]): Id =>
  posts.reduce((most, post) => (newer(post.id, most) ? post.id : most), '');

// What is gone, failed or was taken back is no answer.
const stands = (post: PostItem): boolean =>
  post.deleted_at === null && post.reply?.state !== 'failed' && post.reply?.state !== 'cancelled';

export const colleague_answer = (posts: PostItem[], seen: Id, me: Id): PostItem | undefined =>
  posts.find(
    (post) =>
      seen !== '' &&
      post.direction === 'out' &&
      stands(post) &&
      newer(post.id, seen) &&
      post.author.user_id !== null &&
      post.author.user_id !== me,
  );
