/** What this browser keeps between visits. A browser that keeps nothing (private windows, full disks) loses only that. */
export class Kept<T> {
  constructor(
    private readonly name: string,
    private readonly storage: Storage | null = local(),
  ) {}

  /** Return what was kept, or null. */
  read(): T | null {
    try {
      const text = this.storage?.getItem(this.name);
      return text ? (JSON.parse(text) as T) : null;
    } catch {
      return null;
    }
  }

  /** Keep a value; null forgets it. */
  write(value: T | null): void {
    try {
      if (value === null) this.storage?.removeItem(this.name);
      else this.storage?.setItem(this.name, JSON.stringify(value));
    } catch {
      // Storage is full or forbidden: the page goes on with what it has in memory.
    }
  }
}

function local(): Storage | null {
  return allowed(() => globalThis.localStorage);
}

/** Return the storage that ends with the tab; null where the browser keeps nothing. */
export function sessionStore(): Storage | null {
  return allowed(() => globalThis.sessionStorage);
}

function allowed(storage: () => Storage): Storage | null {
  try {
    return storage();
  } catch {
    return null;
  }
}
