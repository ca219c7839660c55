// A picture for a reply. Networks that show a small version first (LINE) take 1 MB for it: it is made here and goes
// before a larger one.
import { call } from './client';
import { ws_path } from './keys';
import type { AttachmentUpload, Id } from './types';

const preview_bytes_most = 1_000_000;
const preview_edges = [1_024, 640, 320]; // pixels

export async function upload_picture(ws: Id, file: File, alt = ''): Promise<AttachmentUpload> {
  const send = (query: string, raw: Blob): Promise<AttachmentUpload> =>
    call<AttachmentUpload>(ws_path(ws, `/attachments?${query}`), { method: 'POST', raw });
  const query = `alt=${encodeURIComponent(alt)}`;
  const small = file.size > preview_bytes_most ? await preview_of(file) : null;
  if (!small) return send(query, file);
  const { id } = await send(query, small);
  return send(`${query}&preview_id=${id}`, file);
}

async function preview_of(file: File): Promise<Blob | null> {
  const picture = await createImageBitmap(file).catch(() => null); // no picture: the desk says so
  if (!picture) return null;
  for (const edge of preview_edges) {
    const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const paper = canvas.getContext('2d');
    if (!paper) return null;
    paper.fillStyle = '#fff'; // what is transparent would be black in a JPEG
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const small = await new Promise<Blob | null>((done) => {
      canvas.toBlob(done, 'image/jpeg', 0.82);
    });
    if (small && small.size <= preview_bytes_most) return small;
  }
  return null;
}
