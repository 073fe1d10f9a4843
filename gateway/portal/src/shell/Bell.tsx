/** Filled by what the caller may see. */
export function Bell() {
  return null;
}
