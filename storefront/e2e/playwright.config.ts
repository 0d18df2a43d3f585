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
const PORT = Number(process.env["E2E_PORT"] ?? 8139);

export default defineConfig({
  testDir: "tests",
  timeout: 90_000,
  expect: { timeout: 20_000 },
  workers: 1,
  retries: 1,
  reporter: [["list"]],
  outputDir: "../../build/e2e",
  use: {
    baseURL: `http://localhost:${PORT}`,
    viewport: { width: 390, height: 844 },
    launchOptions: { executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: FLAGS },
  },
  webServer: {
    command: `../../.venv/bin/kibble run --port ${PORT} --data-dir ../../build/e2e-data`,
    url: `http://localhost:${PORT}/health/ready`,
    timeout: 240_000,
    reuseExistingServer: true,
    env: { KIBBLE_SANDBOX_FAST: "1", KIBBLE_RATE_LIMITS: "off" },
  },
});
