const key = "fleet-bell-seen";

/** When the notifications were last looked at in this browser: a time and nothing else, for the mark of what is new. */
export function lastSeen(): string {
  try {
    // eslint-disable-next-line no-restricted-globals -- a time tells nothing of anybody
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

export function markSeen(now = new Date()): void {
  try {
    // eslint-disable-next-line no-restricted-globals -- a time tells nothing of anybody
    localStorage.setItem(key, now.toISOString());
  } catch {
    // Without storage everything is new again after a reload.
  }
}
