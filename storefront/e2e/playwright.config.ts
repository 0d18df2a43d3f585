import { defineConfig } from "@playwright/test";

/**
 * Journeys in a real Chromium, against a shop of their own: `npx playwright test --config e2e/playwright.config.ts`.
 *
 * `KIBBLE_E2E_URL` names a shop that runs already, with its data folder in `KIBBLE_DATA_DIR`.
 */
const port = Number(process.env["KIBBLE_E2E_PORT"] ?? 8149);
const running = process.env["KIBBLE_E2E_URL"];
const folder = process.env["KIBBLE_DATA_DIR"] ?? `/tmp/kibble-e2e-${port}`;
process.env["KIBBLE_DATA_DIR"] = folder;
process.env["KIBBLE_E2E_URL"] = running ?? `http://localhost:${port}`;

export default defineConfig({
  testDir: ".",
  fullyParallel: false,
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: "line",
  use: {
    baseURL: process.env["KIBBLE_E2E_URL"],
    locale: "en-US",
    launchOptions: { executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: ["--no-sandbox"] },
  },
  ...(running
    ? {}
    : {
        webServer: {
          command: `rm -rf ${folder} && ../.venv/bin/kibble run --port ${port} --data-dir ${folder}`,
          cwd: "..",
          url: `http://localhost:${port}/health/ready`,
          timeout: 180_000,
          env: { KIBBLE_SANDBOX_FAST: "1", KIBBLE_RATE_LIMITS: "off" },
        },
      }),
});
