import { defineConfig } from "@playwright/test";

/** Debian's Chromium, with what makes it quiet on a closed network. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const PORT = process.env["E2E_PORT"];
if (!PORT) throw new Error("Journeys need a shop: run `make test-storefront`, or give E2E_PORT and KIBBLE_DATA_DIR of one that runs.");

export default defineConfig({
  testDir: "tests",
  timeout: 90_000,
  expect: { timeout: 20_000 },
  workers: 2,
  reporter: [["list"]],
  outputDir: "../../build/e2e",
  use: {
    baseURL: `http://localhost:${PORT}`,
    viewport: { width: 390, height: 844 },
    launchOptions: { executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: FLAGS },
  },
});
