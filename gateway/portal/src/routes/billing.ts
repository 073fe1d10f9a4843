/** Routes of src/features/billing. */
export const billingRoutes = [] as const;
