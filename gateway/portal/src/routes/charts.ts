/** Routes of src/features/charts. */
export const chartsRoutes = [] as const;
