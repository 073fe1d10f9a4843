/** Pages by resource name. */
const pages: readonly (readonly [RegExp, (id: string) => string])[] = [
  [/^charts\/([\w-]+)$/, (id) => `/charts/${id}`],
  [/^cases\/([\w-]+)$/, (id) => `/qa/cases/${id}`],
  [/^claims\/([\w-]+)$/, (id) => `/billing/claims/${id}`],
  [/^executions\/([\w-]+)$/, (id) => `/reports/executions/${id}`],
  [/^events\/([\w-]+)$/, (id) => `/audit/events/${id}`],
  [/^policies\/([\w.-]+)\/versions\/\d+$/, (key) => `/governance/${key}`],
  [/^agencies\/\d+\/modules\/\w+$/, () => "/modules"],
  [/^personnel\/.+$/, () => "/people"],
  [/^dea\/metadata\/([\w-]+)$/, (id) => `/dea/records/${id}`],
  [/^cms\/metadata\/([\w-]+)$/, (id) => `/cms/records/${id}`],
];

/** Where a resource is shown, if the portal has a page for it. */
export function pathOf(resource: string): string | null {
  for (const [pattern, path] of pages) {
    const match = pattern.exec(resource);
    if (match) return path(match[1] ?? "");
  }
  return null;
}
