import { computed, effect, inject, Injectable, InjectionToken, signal, untracked } from "@angular/core";
import { Api, CartView, Problem, Session } from "@kibble/shared";

import { Kept } from "../core/kept";
import { Toasts } from "../core/toasts";
import { Change, shown, Wanted, withChange } from "./cart.model";

/** What this browser knows of its cart between visits. */
export interface KeptCart {
  readonly id: string | null;
  /** Who the cart belongs to; null for a guest. */
  readonly owner: string | null;
  readonly changes: readonly Change[];
}

/** Where the cart is kept, and how tabs tell one another that it changed. */
export interface CartPlace {
  readonly kept: Kept<KeptCart>;
  readonly tabs: Pick<BroadcastChannel, "postMessage"> & { onmessage: ((event: MessageEvent) => void) | null };
  readonly newKey: () => string;
  /** Tell the gateway, by a cookie, which cart the page of the cart is to show before any script has run. */
  readonly announce: (cartId: string | null) => void;
}

const COOKIE_SECONDS = 60 * 60 * 24 * 90;

/** The browser's own place. */
export const CART_PLACE = new InjectionToken<CartPlace>("where the cart is kept", {
  providedIn: "root",
  factory: () => ({
    kept: new Kept<KeptCart>("kibble.cart"),
    tabs: new BroadcastChannel("kibble.cart"),
    newKey: () => crypto.randomUUID(),
    announce: (cartId) => {
      const life = cartId ? COOKIE_SECONDS : 0;
      document.cookie = `__Host-kibble-cart=${cartId ?? ""}; Path=/; Secure; SameSite=Lax; Max-Age=${life}`;
    },
  }),
});

const RETRY_MS = 4000;

/**
 * The cart. A change shows at once and is sent after; what the shop refuses is taken back with a message, and what
 * could not be sent (no network, a busy shop) waits, also over a restart, and is sent again under the same key.
 */
@Injectable({ providedIn: "root" })
export class CartStore {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly toasts = inject(Toasts);
  private readonly place = inject(CART_PLACE);

  private readonly start = this.place.kept.read() ?? { id: null, owner: null, changes: [] };
  private readonly id = signal(this.start.id);
  private readonly owner = signal(this.start.owner);
  private readonly confirmed = signal<CartView | null>(null);
  private readonly changes = signal(this.start.changes);
  private readonly trouble = signal<Problem | null>(null);
  private readonly asked = signal(this.start.id === null);
  private sending: Change | null = null;
  private working: Promise<void> = Promise.resolve();
  private retry: ReturnType<typeof setTimeout> | null = null;

  /** The cart as it shows: what the shop has confirmed, and the changes on their way. */
  readonly cart = computed(() => shown(this.confirmed(), this.changes()));
  /** Whether the cart is known; before, an empty one means nothing. */
  readonly known = this.asked.asReadonly();
  /** Why changes wait, or null. */
  readonly waiting = computed(() => (this.changes().length > 0 ? this.trouble() : null));
  /** The cart's id in the shop, once it has one. */
  readonly cartId = this.id.asReadonly();

  constructor() {
    this.place.tabs.onmessage = () => this.adopt();
    globalThis.addEventListener?.("online", () => this.send());
    effect(() => {
      const customer = this.session.customerId();
      untracked(() => this.belongTo(customer));
    });
    if (this.start.changes.length > 0) this.send();
  }

  /** Read the cart from the shop, with today's prices and stock. */
  load(): Promise<void> {
    return this.enqueue(() => this.read());
  }

  /** Put `more` units of a product in, on top of what is there. */
  add(product: Wanted, more: number): void {
    const there = this.cart().lines.find((line) => line.productId === product.id)?.quantity ?? 0;
    this.change(product, Math.min(99, there + more));
    this.toasts.show(`${product.name} is in your cart.`, { link: { text: "View cart", to: "/cart" } });
  }

  /** Set how many of a product are wanted; 0 takes it out. */
  change(product: Wanted, quantity: number): void {
    const change: Change = { product, quantity, key: this.place.newKey() };
    this.changes.update((list) => withChange(list, change, this.sending));
    this.save();
    this.send();
  }

  /** Put what another guest's cart has into this one; says so when that cart is not to be had. */
  async copy(cartId: string): Promise<void> {
    if (cartId === this.id()) return;
    try {
      const { items } = await this.api.get("/api/carts/{cartId}", { path: { cartId } });
      for (const { productId, name, price, image, quantity } of items) this.add({ id: productId, name, price, image }, quantity);
      this.toasts.show("What was in the other cart is in yours.");
    } catch (thrown) {
      const problem = Problem.of(thrown);
      this.toasts.show(problem.passing ? problem.message : "The cart of this link is not there any more.");
    }
  }

  /** Send what waits, now. */
  send(): Promise<void> {
    if (this.retry) clearTimeout(this.retry);
    this.retry = null;
    return this.enqueue(() => this.sendAll());
  }

  /** Forget the cart: it was ordered. */
  leave(): void {
    this.id.set(null);
    this.confirmed.set(null);
    this.changes.set([]);
    this.save();
    this.tell();
  }

  /** Work one after another: a cart has one order of changes. */
  private enqueue(work: () => Promise<void>): Promise<void> {
    this.working = this.working.then(work);
    return this.working;
  }

  private async sendAll(): Promise<void> {
    for (let change = this.changes()[0]; change; change = this.changes()[0]) {
      this.sending = change;
      try {
        this.confirmed.set(await this.sendOne(change));
        this.asked.set(true);
        this.trouble.set(null);
        this.drop(change);
        this.tell();
      } catch (thrown) {
        if (!(await this.recover(Problem.of(thrown), change))) return;
      } finally {
        this.sending = null;
      }
    }
  }

  private async sendOne(change: Change): Promise<CartView> {
    const { product, quantity, key } = change;
    const cartId = this.id();
    if (cartId === null) {
      const items = quantity > 0 ? [{ productId: product.id, quantity }] : [];
      const cart = await this.api.post("/api/carts", { body: { items }, idempotencyKey: key });
      this.id.set(cart.id);
      this.owner.set(this.session.customerId());
      return cart;
    }
    const path = { cartId, productId: product.id };
    if (quantity === 0) return this.api.delete("/api/carts/{cartId}/items/{productId}", { path, idempotencyKey: key });
    return this.api.put("/api/carts/{cartId}/items/{productId}", { path, body: { quantity }, idempotencyKey: key });
  }

  /** Do what a failure asks for; false when the rest has to wait. */
  private async recover(problem: Problem, change: Change): Promise<boolean> {
    if (problem.passing) {
      this.trouble.set(problem);
      this.retry = setTimeout(() => this.send(), RETRY_MS);
      return false;
    }
    if (problem.code === "unknown-cart" || problem.code === "cart-ordered") {
      if (this.id() === null) return false;
      this.id.set(null);
      this.confirmed.set(null);
      this.renewKeys();
      return true;
    }
    this.drop(change);
    this.toasts.show(`${change.product.name} could not be changed: ${problem.message}`);
    await this.read();
    return true;
  }

  /** A key stands for one request: a change that goes to another cart needs another. */
  private renewKeys(): void {
    this.changes.update((list) => list.map((one) => ({ ...one, key: this.place.newKey() })));
    this.save();
  }

  private drop(change: Change): void {
    this.changes.update((list) => list.filter((one) => one !== change));
    this.save();
  }

  private async read(): Promise<void> {
    const cartId = this.id();
    if (cartId === null) {
      if (this.owner() !== null) this.use(await this.own().catch(() => null));
      this.asked.set(true);
      return;
    }
    try {
      const cart = await this.api.get("/api/carts/{cartId}", { path: { cartId } });
      if (cart.orderId) this.leave();
      else this.confirmed.set(cart);
      this.asked.set(true);
    } catch (thrown) {
      const problem = Problem.of(thrown);
      if (problem.status === 404) this.leave();
      this.trouble.set(problem.passing ? problem : null);
      this.asked.set(!problem.passing);
    }
  }

  /** Take over what another tab has kept. */
  private adopt(): void {
    const kept = this.place.kept.read();
    this.id.set(kept?.id ?? null);
    this.owner.set(kept?.owner ?? null);
    if (kept?.id) void this.load();
    else this.confirmed.set(null);
  }

  /** Make a guest's cart the customer's who has signed in; leave a customer's cart when they go. */
  private belongTo(customer: string | null): void {
    if (customer === this.owner() || this.session.current() === null) return;
    if (customer === null) {
      if (this.owner() !== null) this.leave();
      this.owner.set(null);
      return;
    }
    void this.enqueue(() => this.merge(customer));
  }

  private async merge(customer: string): Promise<void> {
    const guests = this.id();
    this.owner.set(customer);
    try {
      const found = await this.own();
      if (guests === null) {
        this.use(found);
        return;
      }
      const own = found ?? (await this.api.post("/api/carts", { body: { items: [] } }));
      const cart = await this.api.post("/api/carts/{cartId}/merge", { path: { cartId: own.id }, body: { cartId: guests } });
      this.id.set(own.id);
      this.confirmed.set(cart);
    } catch (thrown) {
      this.owner.set(null);
      if (!Problem.of(thrown).passing) this.leave();
    }
    this.tell();
  }

  /** Return the cart that the customer has filled, here or on another device. */
  private async own(): Promise<CartView | null> {
    return (await this.api.get("/api/carts"))[0] ?? null;
  }

  private use(cart: CartView | null): void {
    if (cart) {
      this.id.set(cart.id);
      this.confirmed.set(cart);
    }
    this.tell();
  }

  private save(): void {
    this.place.kept.write({ id: this.id(), owner: this.owner(), changes: this.changes() });
    this.place.announce(this.id());
  }

  private tell(): void {
    this.save();
    this.place.tabs.postMessage("changed");
  }
}
