/** Resolves in a task of its own: what waits for it does not lengthen the task that it is called in. */
export function aPause(): Promise<void> {
  return new Promise((done) => setTimeout(done));
}
