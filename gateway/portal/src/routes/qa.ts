/** Routes of src/features/qa. */
export const qaRoutes = [] as const;
