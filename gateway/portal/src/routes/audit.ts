/** Routes of src/features/audit. */
export const auditRoutes = [] as const;
