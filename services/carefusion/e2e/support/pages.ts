/** Every page that a login sees; those of a visit need one, and are judged apart. */
export const areas: Readonly<Record<string, readonly string[]>> = {
  "patient-a": ["/appointments", "/find", "/profile", "/day", "/nowhere"],
  "provider-co": ["/day", "/hours", "/licenses"],
  admin: ["/providers", "/texts", "/audit"],
  billing: ["/encounters"],
};
