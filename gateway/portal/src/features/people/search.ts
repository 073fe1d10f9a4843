import { z } from "zod";
import { peopleRoles } from "./roles";

export const peopleSearch = z.object({
  role: z
    .string()
    .refine((name) => peopleRoles.some((role) => role.value === name))
    .optional()
    .catch(undefined),
});
