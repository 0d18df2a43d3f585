import { IMAGE_LOADER } from "@angular/common";
import { provideHttpClient, withFetch, withInterceptors } from "@angular/common/http";
import { ApplicationConfig, provideBrowserGlobalErrorListeners } from "@angular/core";
import { provideRouter, withComponentInputBinding, withDisabledInitialNavigation, withInMemoryScrolling } from "@angular/router";
import { sessionInterceptor } from "@kibble/shared";

import { routes } from "./app.routes";
import { firstViewInterceptor } from "./core/first-view";
import { pictureLoader } from "./core/pictures";

/** What the whole shop is given. Zoneless and OnPush are Angular's defaults since 21 and 22. */
export const config: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideRouter(
      routes,
      withComponentInputBinding(),
      withDisabledInitialNavigation(),
      withInMemoryScrolling({ scrollPositionRestoration: "enabled", anchorScrolling: "enabled" }),
    ),
    provideHttpClient(withFetch(), withInterceptors([firstViewInterceptor, sessionInterceptor])),
    { provide: IMAGE_LOADER, useValue: pictureLoader },
  ],
};
