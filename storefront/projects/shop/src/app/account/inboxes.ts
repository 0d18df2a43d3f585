import { computed, DestroyRef, effect, inject, Injectable, signal } from "@angular/core";
import { Api, NotificationView, Session } from "@kibble/shared";

/** The messages to who has signed in: read once, then told as they come (server-sent events). */
@Injectable({ providedIn: "root" })
export class Inboxes {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly list = signal<readonly NotificationView[] | null>(null);
  /** The messages, newest first; null while they are not known. */
  readonly messages = this.list.asReadonly();
  /** How many were not read. */
  readonly unread = computed(() => (this.list() ?? []).filter((message) => !message.read).length);
  private stream: EventSource | null = null;

  constructor() {
    inject(DestroyRef).onDestroy(() => this.stream?.close());
    effect(() => {
      const customerId = this.session.customerId();
      this.stream?.close();
      if (customerId) void this.follow(customerId);
      else this.list.set(null);
    });
  }

  /** Mark a message as read. */
  async mark(message: NotificationView): Promise<void> {
    if (message.read) return;
    const path = { notificationId: message.id };
    const marked = await this.api.patch("/api/notifications/{notificationId}", { path, body: { read: true } });
    this.put(marked);
  }

  private async follow(customerId: string): Promise<void> {
    try {
      this.list.set(await this.api.get("/api/notifications", { query: { customerId, limit: 50 } }));
    } catch {
      this.list.set([]);
    }
    this.stream = new EventSource("/api/notifications/stream");
    const take = (event: MessageEvent<string>) => this.put(JSON.parse(event.data) as NotificationView);
    this.stream.addEventListener("message", take);
    this.stream.addEventListener("notification", take);
  }

  private put(message: NotificationView): void {
    if (!message.id) return;
    this.list.update((list) => {
      const known = (list ?? []).some((one) => one.id === message.id);
      return known ? (list ?? []).map((one) => (one.id === message.id ? message : one)) : [message, ...(list ?? [])];
    });
  }
}
