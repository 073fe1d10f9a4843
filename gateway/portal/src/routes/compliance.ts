/** Routes of src/features/compliance. */
export const complianceRoutes = [] as const;
