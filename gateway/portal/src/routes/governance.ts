/** Routes of src/features/governance. */
export const governanceRoutes = [] as const;
