/** Routes of src/features/modules. */
export const modulesRoutes = [] as const;
