import { pageAt } from "./app/app.routes";

/** As long as the first view may keep the application waiting: a picture that never comes must not stop the shop. */
const MOST_MS = 3000;
/** How long to wait for a quiet moment after the first view is complete. */
const QUIET_MS = 500;
/** What shows that somebody wants more than to look. */
const WISHES = ["pointerdown", "keydown", "focusin"];

/**
 * Resolves when the first view, which the gateway has made, is complete, or when somebody acts on it.
 *
 * It shows and its links work without us. To fetch and start the application any earlier would take the network and the
 * processor from the pictures of a phone's first view.
 */
function firstViewIsDone(): Promise<unknown> {
  if (!document.querySelector("#first-view.whole")) return Promise.resolve();
  return new Promise((done) => {
    const quiet = () => ("requestIdleCallback" in globalThis ? requestIdleCallback(done, { timeout: QUIET_MS }) : setTimeout(done, 0));
    for (const wish of WISHES) addEventListener(wish, done, { once: true, passive: true, capture: true });
    setTimeout(done, MOST_MS);
    if (document.readyState === "complete") quiet();
    else addEventListener("load", quiet, { once: true });
  });
}

firstViewIsDone()
  .then(() => {
    // The page's own part is fetched beside the frame, not after it.
    const page = pageAt(location.pathname)?.();
    return Promise.all([import("./boot"), page]);
  })
  .then(([{ start }]) => start())
  .catch((error: unknown) => console.error(error));
