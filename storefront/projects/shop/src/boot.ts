import { ApplicationRef } from "@angular/core";
import { createApplication } from "@angular/platform-browser";
import { Router } from "@angular/router";

import { App } from "./app/app";
import { config } from "./app/app.config";
import { aPause } from "./app/core/pause";

/**
 * Start the application, which takes the place of the first view once its page is drawn.
 *
 * In several tasks, so that none is long on a phone: its code, what it is made of, its frame, the page.
 */
export async function start(): Promise<ApplicationRef> {
  await aPause();
  const application = await createApplication(config);
  await aPause();
  application.bootstrap(App);
  await aPause();
  application.injector.get(Router).initialNavigation();
  return application;
}
