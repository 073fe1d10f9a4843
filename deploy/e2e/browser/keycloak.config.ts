import { defineConfig } from "@playwright/test";

import base from "./playwright.config.ts";

/** The portal's sign-in at a Keycloak: `make test-keycloak` starts one, and a fleet that knows no other provider. */
export default defineConfig({
  ...base,
  // It asks for tokens by password, which a Keycloak refuses.
  globalSetup: [],
  workers: 1,
  projects: [{ name: "keycloak", testMatch: /keycloak\.spec/ }],
});
