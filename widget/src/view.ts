// What the visitor sees and touches: a button, a window with the conversation, a line to write in.
import { fill, icon, make, set, type Words } from './element.ts';
import { type Hours, moment, now_words } from './hours.ts';
import type { FileInfo, Message, Talk, Written } from './talk.ts';

export interface Config {
  name: string;
  language: string;
  title: string;
  greeting: string;
  away: string;
  color: string;
  text_color: string;
  side: string;
  hours: Hours;
  waiting_ms: number | null;
  mail: boolean;
  file_limit_bytes: number;
  words: Words;
}
const types = 'image/png,image/jpeg,image/gif,image/webp';
const files_most = 4;

export class View {
  readonly all: HTMLElement;
  private readonly w: Words;
  private readonly door = make('button', { class: 'door', type: 'button' });
  private readonly badge = make('span', { class: 'badge', hidden: true });
  private readonly window: HTMLElement;
  private readonly large = make('dialog', { class: 'large' });
  private readonly hours = make('p');
  private readonly greeting = make('p', { class: 'note' });
  private readonly log = make('div', { class: 'log', role: 'log', tabindex: '0' });
  private readonly end = make('div');
  private readonly dots = make('p', { class: 'dots line', hidden: true });
  private readonly fault = make('p', { class: 'line bad', role: 'alert', hidden: true });
  private readonly status = make('p', { class: 'line', role: 'status', hidden: true });
  private readonly spoken = make('span', { class: 'unseen', role: 'status' });
  private readonly text = make('textarea', { rows: '1', maxlength: '4000' });
  private readonly email = make('input', { type: 'email', autocomplete: 'email', maxlength: '254' });
  private readonly email_label: HTMLElement;
  private readonly send: HTMLButtonElement;
  private readonly picked = make('div', { class: 'picked', hidden: true });
  private readonly pick = make('input', { type: 'file', accept: types, multiple: true, hidden: true });
  private readonly rows = new Map<string, { row: HTMLElement; as: string }>();
  private files: FileInfo[] = [];
  private typed_at = 0;
  private still: ReturnType<typeof setTimeout> | undefined;
  private dots_end: ReturnType<typeof setTimeout> | undefined;
  private last_unread = 0;

  constructor(
    private config: Config,
    private readonly talk: Talk,
    private readonly is_page: boolean,
  ) {
    const w = config.words;
    this.w = w;
    this.dots.textContent = w.typing ?? '';
    set(this.log, { 'aria-label': w.log });
    const close = make(
      'button',
      { type: 'button', 'aria-label': w.close, hidden: is_page },
      icon('M6 6l12 12M18 6L6 18'),
    );
    const camera = make(
      'button',
      { class: 'tool', type: 'button', 'aria-label': w.picture },
      icon('M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01'),
    );
    this.send = make('button', { class: 'tool send', 'aria-label': w.send }, icon('M4 12l16-8-6 16-3-7z'));
    this.email_label = make('label', { hidden: true }, w.email ?? '', this.email);
    const form = make(
      'form',
      { novalidate: true },
      this.email_label,
      this.picked,
      make(
        'div',
        { class: 'row' },
        camera,
        this.pick,
        make('label', {}, make('span', { class: 'unseen' }, w.message ?? ''), this.text),
        this.send,
      ),
    );
    this.window = make(
      'section',
      { class: 'window', role: is_page ? 'main' : 'dialog', 'aria-label': config.title, hidden: !is_page },
      make('header', {}, make('div', {}, make(is_page ? 'h1' : 'h2', {}, config.title), this.hours), close),
      this.log,
      this.dots,
      this.status,
      this.fault,
      form,
      this.spoken,
    );
    this.log.append(this.greeting, this.end);
    this.tell_hours();
    this.door.append(icon('M4 5h16v11H9l-5 4z'), this.badge);
    this.all = make(
      'div',
      { class: `all ${config.side}${is_page ? ' page' : ''}`, lang: config.language },
      ...(is_page ? [] : [this.door]),
      this.window,
      this.large,
    );
    // The one thing the brand chooses: set as values, which no Content-Security-Policy forbids.
    this.all.style.setProperty('--brand', config.color);
    this.all.style.setProperty('--on', config.text_color);
    this.door.addEventListener('click', () => this.show(!this.is_open));
    close.addEventListener('click', () => this.show(false));
    this.window.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.isComposing && !is_page) this.show(false);
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.write();
    });
    this.text.addEventListener('keydown', (event) => {
      // Enter that ends a conversion of the input method is no Enter; Safari tells it by its key code only.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.write();
    });
    this.text.addEventListener('input', () => this.typing());
    this.text.addEventListener('paste', (event) => void this.add([...(event.clipboardData?.files ?? [])]));
    camera.addEventListener('click', () => this.pick.click());
    this.pick.addEventListener('change', () => void this.add([...(this.pick.files ?? [])]));
    document.addEventListener('visibilitychange', () => this.look());
    // Beside the picture as well; Escape is the dialog's own.
    this.large.addEventListener('click', () => this.large.close());
    this.name_door();
  }

  // Hours end and queues grow while a page stands open.
  told(config: Config): void {
    this.config = config;
    this.tell_hours();
    this.draw();
  }
  private tell_hours(): void {
    const { hours, waiting_ms, language, greeting, away } = this.config;
    const say = (line: HTMLElement, text: string): void => {
      if (line.textContent !== text) line.textContent = text;
    };
    say(this.hours, now_words(hours, waiting_ms, language, this.w));
    say(this.greeting, hours.open ? greeting : away);
  }

  get is_open(): boolean {
    return !this.window.hidden;
  }
  show(open: boolean): void {
    if (this.is_page) return;
    this.window.hidden = !open;
    this.name_door();
    if (open) {
      this.to_end();
      this.text.focus();
      this.look();
    } else this.door.focus();
  }
  private name_door(): void {
    const { w } = this;
    const unread = this.talk.unread;
    const name = [this.is_open ? w.close : w.open, unread > 0 ? fill(w.unread, { count: unread }) : ''];
    set(this.door, { 'aria-label': name.filter(Boolean).join(', '), 'aria-expanded': String(this.is_open) });
    this.badge.textContent = String(unread);
    this.badge.hidden = unread === 0;
  }
  // What is in front of their eyes is read.
  private look(): void {
    if (this.is_open && document.visibilityState === 'visible') this.talk.saw();
    this.name_door();
  }
  private to_end(): void {
    this.log.scrollTop = this.log.scrollHeight;
  }
  private say(fault: string): void {
    this.fault.textContent = fault;
    this.fault.hidden = fault === '';
  }
  online(is: boolean): void {
    this.status.textContent = is ? '' : (this.w.offline ?? '');
    this.status.hidden = is;
  }
  over(): void {
    this.say(this.w.gone ?? '');
    this.send.disabled = true;
  }
  desk_types(writing: boolean): void {
    this.dots.hidden = !writing;
    clearTimeout(this.dots_end);
    // A console says it again every 20 seconds.
    if (writing) this.dots_end = setTimeout(() => this.desk_types(false), 30_000);
  }

  // Brings the rows in line with what was said. Rows that stay are not touched, so that a screen reader hears new
  // ones only.
  draw(): void {
    const at_end = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60;
    const seen = new Set<string>();
    let next = this.log.children[1] ?? this.end; // behind the greeting
    const put = (id: string, as: string, make_row: () => HTMLElement): void => {
      seen.add(id);
      const known = this.rows.get(id);
      let row = known?.row;
      if (!row || known?.as !== as) {
        const made = make_row();
        if (row === next) next = made;
        row?.replaceWith(made);
        row = made;
        this.rows.set(id, { row, as });
      }
      if (row === next) next = row.nextElementSibling ?? this.end;
      else next.before(row);
    };
    for (const message of this.talk.list)
      put(message.id, message.deleted ? 'gone' : 'said', () => this.said(message));
    for (const one of this.talk.unsent) put(one.id, `${one.state} ${one.why}`, () => this.unsaid(one));
    for (const [id, { row }] of this.rows) {
      if (seen.has(id)) continue;
      row.remove();
      this.rows.delete(id);
    }
    const { unread } = this.talk;
    if (unread > this.last_unread && !this.is_open) this.spoken.textContent = this.w.new_message ?? '';
    this.last_unread = unread;
    // An address is asked for when nobody is there to answer now, or when they have waited already.
    const can_mail = this.config.mail && (!this.config.hours.open || this.rows.size > 0);
    this.email_label.hidden = !can_mail || this.talk.email !== '';
    if (this.config.mail && this.talk.email && this.rows.size > 0 && this.status.hidden) {
      this.status.textContent = fill(this.w.email_kept, { email: this.talk.email });
      this.status.hidden = false;
    }
    if (at_end) this.to_end();
    this.look();
  }
  private bubble(mine: boolean, text: string, files: FileInfo[], by: (Node | string)[]): HTMLElement {
    const row = make('div', { class: mine ? 'one mine' : 'one' });
    for (const file of files) row.append(this.picture(file));
    if (text) row.append(make('div', { class: 'text', dir: 'auto' }, text));
    row.append(make('span', { class: 'by' }, ...by));
    return row;
  }
  private said(message: Message): HTMLElement {
    const mine = message.from === 'visitor';
    const time = moment(message.at, this.config.language);
    const author = mine ? this.w.you : message.author || this.config.name;
    if (message.deleted)
      return make('div', { class: 'one' }, make('div', { class: 'text gone' }, this.w.deleted ?? ''));
    return this.bubble(mine, message.text, message.files, [`${author} · ${time}`]);
  }
  private unsaid(one: Written): HTMLElement {
    const { w } = this;
    if (one.state === 'refused') {
      const again = make('button', { type: 'button' }, w.again ?? '');
      again.addEventListener('click', () => this.talk.again(one.id));
      return this.bubble(true, one.text, one.files, [w.refused ?? '', again]);
    }
    const why = one.why === 'too_fast' ? w.too_fast : one.state === 'waiting' ? w.failed : w.sending;
    return this.bubble(true, one.text, one.files, [why ?? '']);
  }
  private picture(file: FileInfo): HTMLElement {
    const label = `${file.alt || this.w.picture_alt}: ${this.w.enlarge}`;
    const open = make('button', { type: 'button', class: 'picture', 'aria-label': label });
    open.append(this.image(file));
    open.addEventListener('click', () => {
      const close = make(
        'button',
        { type: 'button', 'aria-label': this.w.shrink },
        icon('M6 6l12 12M18 6L6 18'),
      );
      this.large.replaceChildren(this.image(file), close);
      this.large.showModal();
    });
    return open;
  }
  // Fetched with the visitor's word and shown from memory: the word stands in no address.
  private image(file: FileInfo): HTMLImageElement {
    const image = make('img', {
      alt: file.alt || this.w.picture_alt,
      width: file.width || undefined,
      height: file.height || undefined,
    });
    this.talk.picture(file.id).then(
      (blob) => {
        image.src = URL.createObjectURL(blob);
        image.addEventListener('load', () => URL.revokeObjectURL(image.src), { once: true });
      },
      () => image.remove(),
    );
    return image;
  }

  private typing(): void {
    clearTimeout(this.still);
    this.still = setTimeout(() => this.stop_typing(), 6_000);
    if (Date.now() - this.typed_at < 4_000) return;
    this.typed_at = Date.now();
    this.talk.type(true);
  }
  private stop_typing(): void {
    clearTimeout(this.still);
    if (this.typed_at > 0) this.talk.type(false);
    this.typed_at = 0;
  }
  private async add(files: File[]): Promise<void> {
    this.pick.value = '';
    for (const file of files.slice(0, files_most - this.files.length)) {
      const limit = this.config.file_limit_bytes;
      if (file.size > limit) {
        this.say(fill(this.w.too_large, { megabytes: Math.floor(limit / 1_048_576) }));
        continue;
      }
      try {
        this.files.push(await this.talk.upload(file));
        this.say('');
      } catch (error) {
        const code = (error as { code?: string }).code;
        this.say(
          (code === 'not_an_image' ? this.w.not_an_image : code ? this.w.too_fast : this.w.failed) ?? '',
        );
      }
    }
    this.draw_picked();
  }
  private draw_picked(): void {
    this.picked.hidden = this.files.length === 0;
    this.picked.replaceChildren(
      ...this.files.map((file) => {
        const off = make(
          'button',
          { type: 'button', 'aria-label': this.w.remove },
          icon('M6 6l12 12M18 6L6 18'),
        );
        off.addEventListener('click', () => {
          this.files = this.files.filter((other) => other !== file);
          this.draw_picked();
          this.text.focus();
        });
        return make('span', {}, this.image(file), off);
      }),
    );
  }
  private write(): void {
    const text = this.text.value;
    if (text.trim() === '' && this.files.length === 0) return;
    const email = this.email_label.hidden ? '' : this.email.value.trim();
    if (email && !/^[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+$/.test(email)) {
      this.say(this.w.email_wrong ?? '');
      set(this.email, { 'aria-invalid': 'true' });
      this.email.focus();
      return;
    }
    set(this.email, { 'aria-invalid': undefined });
    this.say('');
    this.stop_typing();
    this.text.value = '';
    const { files } = this;
    this.files = [];
    this.draw_picked();
    this.talk.write(text, files, email);
    this.to_end();
    this.text.focus();
  }
}
