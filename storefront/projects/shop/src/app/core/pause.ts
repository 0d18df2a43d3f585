/** Resolves in a task of its own: what waits for it does not lengthen the task that it is called in. */
export function aPause(): Promise<void> {
  return new Promise((done) => setTimeout(done));
}

/** Resolves once the page has been painted as it is now: what is asked for only then holds up nothing that one sees. */
export function aPaint(): Promise<void> {
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}
