import { provideHttpClient, withFetch, withInterceptors } from "@angular/common/http";
import { ApplicationConfig, inject, provideAppInitializer, provideBrowserGlobalErrorListeners } from "@angular/core";
import { MAT_FORM_FIELD_DEFAULT_OPTIONS } from "@angular/material/form-field";
import { provideRouter, TitleStrategy, withComponentInputBinding, withInMemoryScrolling } from "@angular/router";
import { Session, sessionInterceptor } from "@kibble/shared";

import { routes } from "./app.routes";
import { PageTitle } from "./core/page-title";

/** What the whole back office is given. Zoneless and OnPush are Angular's defaults since 21 and 22. */
export const config: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideRouter(routes, withComponentInputBinding(), withInMemoryScrolling({ scrollPositionRestoration: "enabled" })),
    provideHttpClient(withFetch(), withInterceptors([sessionInterceptor])),
    provideAppInitializer(async () => void (await inject(Session).load())),
    { provide: TitleStrategy, useClass: PageTitle },
    { provide: MAT_FORM_FIELD_DEFAULT_OPTIONS, useValue: { appearance: "outline", subscriptSizing: "dynamic" } },
  ],
};
