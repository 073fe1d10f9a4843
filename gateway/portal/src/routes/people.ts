/** Routes of src/features/people. */
export const peopleRoutes = [] as const;
