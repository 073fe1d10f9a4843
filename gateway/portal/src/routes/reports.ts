/** Routes of src/features/reports. */
export const reportsRoutes = [] as const;
